"""Two officers at a browser tests' platform, who stop an account and give it back."""

from functools import partial
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rempart.foundation.database import Database
from rempart.guard import Nonce, Signed, add_officer, draw_nonce, place_hold, release_hold
from rempart.journal import Order
from tests.browser.place import Person, Place

NAMES: Final = ("alice", "bob")
REASON: Final = "Trop de cartes inconnues en une heure"
_KEYS: dict[str, dict[str, Ed25519PrivateKey]] = {}
"""The officers' keys of each platform that runs, by its address."""


def keys_at(place: Place) -> dict[str, Ed25519PrivateKey]:
    """Return both officers' keys; they are put on record when first asked for."""
    if place.portal not in _KEYS:
        _KEYS[place.portal] = {name: Ed25519PrivateKey.generate() for name in NAMES}
        for name, key in _KEYS[place.portal].items():
            raw = key.public_key().public_bytes_raw()
            (drawn,) = place.as_desk(draw_nonce)
            # The first two sign for nobody, and nobody for them.
            signed = Signed(drawn.nonce, [], [])
            place.as_desk(partial(add_officer, name=name, public_key=raw, signed=signed))
    return _KEYS[place.portal]


def _signed(place: Place, action: str, account: str, by: tuple[str, ...]) -> Signed:
    (drawn,) = place.as_desk(draw_nonce)
    assert isinstance(drawn, Nonce)
    order = Order(action, "account", account, REASON, "", drawn.good_until, drawn.nonce)
    signatures = [keys_at(place)[name].sign(order.packed()) for name in by]
    return Signed(drawn.nonce, by, signatures)


def hold(place: Place, person: Person) -> None:
    """Stop somebody's account, as one officer may."""
    account = f"{person.rpps}@{place.site_of(person.rpps)}"
    signed = _signed(place, "place", account, NAMES[:1])

    async def step(desk: Database) -> object:
        return await place_hold(desk, account, REASON, signed)

    (found,) = place.as_desk(step)
    assert hasattr(found, "year"), found


def give_back(place: Place, person: Person) -> None:
    """Give it back, which takes both."""
    account = f"{person.rpps}@{place.site_of(person.rpps)}"
    signed = _signed(place, "release", account, NAMES)

    async def step(desk: Database) -> object:
        return await release_hold(desk, account, REASON, signed)

    (found,) = place.as_desk(step)
    assert hasattr(found, "year"), found
