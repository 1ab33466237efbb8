"""/v1/remittances: a software finds what its site was paid, claim by claim."""

from typing import Any

import pytest

from tests.http.platform import Platform
from tests.http.shape import assert_problem
from tests.http.test_claims import claim, engagement_of, send
from tests.support.paying import MORE_PAID, paid_to

pytestmark = pytest.mark.anyio

PAID = "/v1/remittances"
NONE = {"remittances": [], "has_more": False}


async def test_a_payment_is_found_and_read_claim_by_claim(platform: Platform) -> None:
    assert (await send(platform, "GET", PAID)).json() == NONE
    numbers = [await engagement_of(platform, person) for person in ("alice", "bob")]
    made: list[dict[str, Any]] = [
        (await claim(platform, number, reference=f"F-{at}")).json()
        for at, number in enumerate(numbers)
    ]
    entries = platform.entries()
    name = paid_to(platform.db, platform.question("alice")["site"])
    (listed,) = (await send(platform, "GET", PAID)).json()["remittances"]
    assert (listed["remittance"], listed["state"], listed["claims"]) == (name, "paid", 2)
    assert (listed["amount_cents"], listed["account"]) == (1400, "2606")
    told = (await send(platform, "GET", f"{PAID}/{name}")).json()
    assert told["remittance"] == listed
    lines = told["lines"]
    assert [line["engagement"] for line in lines] == numbers
    assert [line["claim"] for line in lines] == [each["claim"] for each in made]
    assert [line["amount_cents"] for line in lines] == [700, 700]
    platform.db.owner.execute("select billing.take_return(%s, 'AC04')", (name,))
    (listed,) = (await send(platform, "GET", PAID)).json()["remittances"]
    assert (listed["state"], listed["returned_because"]) == ("returned", "AC04")
    # What a notice was, it stays: the same claims.
    assert (await send(platform, "GET", f"{PAID}/{name}")).json()["lines"] == lines
    assert platform.entries() == entries


async def listed(platform: Platform, path: str = PAID) -> tuple[list[str], bool]:
    told = (await send(platform, "GET", path)).json()
    return [one["remittance"] for one in told["remittances"]], told["has_more"]


async def test_a_list_that_ends_before_the_payments_do_says_so(platform: Platform) -> None:
    await claim(platform, await engagement_of(platform))
    site = platform.question("alice")["site"]
    first = paid_to(platform.db, site)
    platform.db.owner.execute(MORE_PAID, (site, 1, 199))
    names, has_more = await listed(platform)
    assert (len(names), names[-1], has_more) == (200, first, False)
    platform.db.owner.execute(MORE_PAID, (site, 200, 200))
    names, has_more = await listed(platform)
    assert (len(names), has_more) == (200, True)
    assert first not in names


async def test_every_payment_is_reached_from_list_to_list(platform: Platform) -> None:
    """Each once, newest first; and the list before the first of all is empty, and the last."""
    await claim(platform, await engagement_of(platform))
    site = platform.question("alice")["site"]
    first = paid_to(platform.db, site)
    platform.db.owner.execute(MORE_PAID, (site, 1, 400))
    found, has_more = await listed(platform)
    lengths = [len(found)]
    while has_more:
        names, has_more = await listed(platform, f"{PAID}/{found[-1]}/earlier")
        lengths.append(len(names))
        found += names
    assert lengths == [200, 200, 1]
    rows = platform.db.owner.execute(
        "select end_to_end as name from billing.transfer order by transfer_id desc"
    )
    assert found == [row["name"] for row in rows]
    assert await listed(platform, f"{PAID}/{first}/earlier") == ([], False)


async def test_what_is_no_payment_of_its_own_is_unknown(platform: Platform) -> None:
    assert_problem(await send(platform, "GET", f"{PAID}/RP{'0' * 32}"), "remittance_unknown")
    assert_problem(await send(platform, "GET", f"{PAID}/LEAKED"), "bad_format", "remittance")
    before = f"{PAID}/RP{'0' * 32}/earlier"
    assert_problem(await send(platform, "GET", before), "remittance_unknown")
    assert_problem(await send(platform, "GET", before, {}), "bad_format", "body")
    leaked = await send(platform, "GET", f"{PAID}/LEAKED/earlier")
    assert_problem(leaked, "bad_format", "remittance")
    assert_problem(await send(platform, "GET", PAID, {}), "bad_format", "body")
    named = await send(platform, "GET", f"{PAID}/RP{'0' * 32}", {})
    assert_problem(named, "bad_format", "body")


async def test_a_payment_that_the_bank_does_not_have_yet_is_not_told(platform: Platform) -> None:
    await claim(platform, await engagement_of(platform))
    name = paid_to(platform.db, platform.question("alice")["site"])
    owner = platform.db.owner
    owner.execute("update billing.transfer set state = 'batched'")
    assert (await send(platform, "GET", PAID)).json() == NONE
    for path in (f"{PAID}/{name}", f"{PAID}/{name}/earlier"):
        assert_problem(await send(platform, "GET", path), "remittance_unknown")


async def test_without_a_living_token_nothing_is_told(platform: Platform) -> None:
    platform.db.owner.execute("update identity.token set revoked_at = clock_timestamp()")
    for path in (PAID, f"{PAID}/RP{'0' * 32}", f"{PAID}/RP{'0' * 32}/earlier"):
        assert_problem(await send(platform, "GET", path), "invalid_token")
