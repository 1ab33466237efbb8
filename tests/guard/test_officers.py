"""Officers leave: two others sign it, the key never signs again, and what it signed stays good."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rempart.journal import Order
from tests.support.asking import Site, one
from tests.support.closing import WHY
from tests.support.database import Connection
from tests.support.officers import Officers


@pytest.fixture
def officers(site: Site) -> Officers:
    found = Officers.on_record(site)
    assert found.add("Carol", "Alice", "Bob")["refused_because"] is None
    return found


def names(officers: Officers) -> list[str]:
    desk = officers.site.db.connect("rempart_desk")
    return [row["name"] for row in desk.execute("select * from guard.list_officers()")]


def test_two_others_take_an_officer_off_the_record(site: Site, officers: Officers) -> None:
    assert officers.move("place", "Carol") is None
    assert officers.remove("Carol", "Alice", "Bob") is None
    assert names(officers) == ["Alice", "Bob"]
    assert officers.move("release", "Alice", "Carol") == "officer_unknown"
    # What she signed before stays good.
    assert site.outcome(site.question()) == "closed"
    assert officers.move("release", "Alice", "Bob") is None
    assert officers.verified().ok, officers.verified().problems


@pytest.mark.parametrize(
    "name, signers, why",
    [
        ("Carol", (), "officers_needed"),
        ("Carol", ("Alice",), "officers_needed"),
        ("Carol", ("Alice", "Alice"), "officers_needed"),
        ("Carol", ("Alice", "Carol"), "officers_needed"),
        ("Carol", ("Alice", "Mallory"), "officer_unknown"),
        ("Mallory", ("Alice", "Bob"), "officer_unknown"),
    ],
)
def test_fewer_than_two_others_remove_nobody(
    officers: Officers, name: str, signers: tuple[str, ...], why: str
) -> None:
    officers.keys["Mallory"] = Ed25519PrivateKey.generate()
    assert officers.remove(name, *signers) == why
    assert names(officers) == ["Alice", "Bob", "Carol"]
    assert officers.verified().ok


def test_a_removal_says_why_and_names_nobody(officers: Officers) -> None:
    drawn = officers.call("draw_nonce")
    args = ("Carol", "membre 1 85 05 78 006 084", drawn["nonce"], ["Alice", "Bob"], [b"", b""])
    assert officers.call("remove_officer", *args)["refused_because"] == "reason_not_plain"


def test_two_officers_never_become_one(officers: Officers) -> None:
    """With two left nobody can be removed: no officer alone ever decides who the two are."""
    assert officers.remove("Carol", "Alice", "Bob") is None
    assert officers.remove("Bob", "Alice") == "officers_needed"
    assert officers.remove("Bob", "Alice", "Bob") == "officers_needed"


def test_a_key_is_changed_and_the_old_one_never_comes_back(officers: Officers) -> None:
    old = officers.keys["Carol"]
    assert officers.remove("Carol", "Alice", "Bob") is None
    raw = old.public_key().public_bytes_raw()
    drawn = officers.call("draw_nonce")
    nonce, until = drawn["nonce"], drawn["good_until"]
    for name in ("Carol", "Dora"):
        order = Order("add", "officer", name, "", "", until, nonce, raw)
        signed = officers.signatures(order, ("Alice", "Bob"))
        refused = officers.call("add_officer", name, raw, nonce, ["Alice", "Bob"], signed)
        assert refused["refused_because"] == "key_retired"
    assert officers.add("Carol", "Alice", "Bob")["refused_because"] is None
    assert officers.move("place", "Carol") is None
    assert officers.verified().ok, officers.verified().problems


def test_an_order_by_a_removed_officers_key_is_found_from_the_entries(
    site: Site, officers: Officers
) -> None:
    """An insider puts the removed officer's row back, without an entry."""
    raw = officers.keys["Carol"].public_key().public_bytes_raw()
    officers.remove("Carol", "Alice", "Bob")
    site.db.owner.execute(
        "insert into guard.officer values ('Carol', %s, clock_timestamp())", (raw,)
    )
    assert officers.move("place", "Carol") is None
    assert [problem.kind for problem in officers.verified().problems] == ["signature"]


def test_a_removed_key_that_is_added_again_is_found_from_the_entries(
    site: Site, officers: Officers
) -> None:
    kept = officers.keys["Carol"]
    officers.remove("Carol", "Alice", "Bob")
    site.db.owner.execute("delete from guard.retired_key")
    raw = kept.public_key().public_bytes_raw()
    drawn = officers.call("draw_nonce")
    nonce, until = drawn["nonce"], drawn["good_until"]
    order = Order("add", "officer", "Dora", "", "", until, nonce, raw)
    signed = officers.signatures(order, ("Alice", "Bob"))
    added = officers.call("add_officer", "Dora", raw, nonce, ["Alice", "Bob"], signed)
    assert added["refused_because"] is None
    assert [problem.kind for problem in officers.verified().problems] == ["signature"]


def test_a_removal_that_one_other_signed_is_found_from_the_entries(officers: Officers) -> None:
    """A desk that skips its own checks: both signatures are Alice's."""
    drawn = officers.call("draw_nonce")
    nonce = drawn["nonce"]
    order = Order("remove", "officer", "Carol", WHY[0], "", drawn["good_until"], nonce)
    signed = officers.signatures(order, ("Alice", "Alice"))
    args = ("Carol", WHY[0], nonce, ["Alice", "Bob"], signed)
    assert officers.call("remove_officer", *args)["refused_because"] is None
    assert [problem.kind for problem in officers.verified().problems] == ["signature"]


def test_of_two_moves_at_once_the_second_sees_the_first(officers: Officers) -> None:
    assert officers.move("place", "Alice") is None
    release, ease = officers.order("release"), officers.order("ease")
    first, second = (officers.site.db.connect("rempart_desk") for _ in range(2))

    def move(desk: Connection, order: Order, *signers: str) -> str | None:
        args = (officers.account, WHY[0], order.nonce, list(signers))
        refusal: str | None = one(
            desk,
            f"select refused_because from guard.{order.action}_hold(%s, %s, %s, %s, %s)",
            *args,
            officers.signatures(order, signers),
        )["refused_because"]
        return refusal

    with ThreadPoolExecutor(1) as pool:
        with first.transaction():
            assert move(first, release, "Alice", "Bob") is None
            later = pool.submit(move, second, ease, "Carol")
            with pytest.raises(TimeoutError):
                later.result(1)
        assert later.result(20) == "not_held"
    assert officers.verified().ok, officers.verified().problems
