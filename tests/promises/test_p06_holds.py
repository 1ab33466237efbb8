"""P6: an account on hold gets `closed`; one officer places a hold, two must sign its release."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rempart.journal import Order
from tests.support.asking import Site
from tests.support.closing import WHY, move
from tests.support.officers import Officers


@pytest.fixture
def officers(site: Site) -> Officers:
    return Officers.on_record(site)


def test_a_hold_stops_one_account_until_two_release_it(site: Site, officers: Officers) -> None:
    other = Site.make(site.db, identifier="750000002", rpps="10000000002")
    assert site.outcome(site.question()) == "covered"
    given = "select * from billing.engagement"
    before = site.db.owner.execute(given).fetchall()
    assert officers.move("place", "Alice") is None
    for person in ("alice", "bob", "a stranger"):
        assert site.outcome(site.question(person)) == "closed"
    assert other.outcome(other.question()) == "covered"
    # A gate's opening, which takes one officer, does not release it.
    assert move(site, "open", "account", officers.account)["refused_because"] == "not_closed"
    assert officers.move("place", "Bob") == "held_already"
    assert officers.move("release", "Alice", "Bob") is None
    assert site.outcome(site.question()) == "covered"
    after = site.db.owner.execute(given).fetchall()
    assert [row for row in after if row in before] == before
    found = officers.verified()
    assert found.ok, found.problems


@pytest.mark.parametrize(
    "signers, why",
    [
        ((), "officers_needed"),
        (("Alice",), "officers_needed"),
        (("Alice", "Alice"), "officers_needed"),
        (("Alice", "Mallory"), "officer_unknown"),
    ],
)
def test_a_release_by_fewer_than_two_officers_is_refused(
    site: Site, officers: Officers, signers: tuple[str, ...], why: str
) -> None:
    officers.move("place", "Alice")
    officers.keys["Mallory"] = Ed25519PrivateKey.generate()
    assert officers.move("release", *signers) == why
    assert site.outcome(site.question()) == "closed"
    assert officers.verified().ok


def test_an_order_is_used_once(officers: Officers) -> None:
    order = officers.order("release")
    officers.move("place", "Alice")
    assert officers.move("release", "Alice", "Bob", order=order) is None
    officers.move("place", "Bob")
    assert officers.move("release", "Alice", "Bob", order=order) == "order_expired"


def test_an_order_whose_day_is_over_is_refused(site: Site, officers: Officers) -> None:
    order = officers.order("place")
    site.db.owner.execute("update guard.nonce set good_until = clock_timestamp()")
    assert officers.move("place", "Alice", order=order) == "order_expired"


def test_from_the_third_on_two_officers_sign_for_an_officer(officers: Officers) -> None:
    assert officers.add("Carol")["refused_because"] == "officers_needed"
    assert officers.add("Carol", "Alice")["refused_because"] == "officers_needed"
    assert officers.add("Carol", "Alice", "Bob")["refused_because"] is None
    assert officers.add("Carol", "Alice", "Bob")["refused_because"] == "officer_exists"
    assert officers.verified().ok


def forged(officers: Officers, *signers: str, changed: dict[str, str]) -> None:
    """Release as a desk that skips its own checks: PostgreSQL cannot tell the signatures."""
    order = officers.order("release")
    fields = {"action": "release", "value": officers.account} | changed
    other = Order(
        fields["action"], "account", fields["value"], WHY[0], "", order.until, order.nonce
    )
    by = officers.signatures(other, signers)
    assert officers.move("release", *signers, order=order, by=by) is None


@pytest.mark.parametrize(
    "changed", [{"action": "place"}, {"value": "10000000009@750000009"}], ids=["action", "account"]
)
def test_signatures_over_something_else_are_found_from_the_entries(
    officers: Officers, changed: dict[str, str]
) -> None:
    officers.move("place", "Alice")
    forged(officers, "Alice", "Bob", changed=changed)
    found = officers.verified()
    assert [problem.kind for problem in found.problems] == ["signature"]
    assert not found.ok


def test_a_wrong_key_is_found_from_the_entries(officers: Officers) -> None:
    officers.move("place", "Alice")
    officers.keys["Bob"] = officers.keys["Alice"]
    assert officers.move("release", "Alice", "Bob") is None
    assert [problem.kind for problem in officers.verified().problems] == ["signature"]


def test_a_key_exchanged_in_the_table_is_found_from_the_entries(
    site: Site, officers: Officers
) -> None:
    """An insider writes a key of his own over Bob's: the entry that added Bob still has Bob's."""
    officers.move("place", "Alice")
    own = officers.keys["Bob"] = Ed25519PrivateKey.generate()
    raw = own.public_key().public_bytes_raw()
    site.db.owner.execute("update guard.officer set public_key = %s where name = 'Bob'", (raw,))
    assert officers.move("release", "Alice", "Bob") is None
    assert [problem.kind for problem in officers.verified().problems] == ["signature"]


def test_an_edited_order_is_found(site: Site, officers: Officers) -> None:
    officers.move("place", "Alice")
    site.db.owner.execute(
        "update journal.payload set proof = set_bit(proof, 0, 1 - get_bit(proof, 0))"
        " where entry_no = (select max(entry_no) from journal.entry)"
    )
    assert {problem.kind for problem in officers.verified().problems} >= {"payload"}
