"""/v1/remittances: a software finds what its site was paid, claim by claim."""

from typing import Any

import pytest

from tests.http.platform import Platform
from tests.http.shape import assert_problem
from tests.http.test_claims import claim, engagement_of, send
from tests.support.paying import paid_to

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


async def test_a_list_that_ends_before_the_payments_do_says_so(platform: Platform) -> None:
    await claim(platform, await engagement_of(platform))
    last = paid_to(platform.db, platform.question("alice")["site"])
    earlier = """
        with made as (
            insert into billing.batch (insurer_id, on_day, message, made_at, file_digest, paid_at)
            select insurer_id, on_day - n, 'RP' || md5(n::text), made_at, file_digest, paid_at
              from (select * from billing.batch order by batch_id limit 1) as b,
                   generate_series(%s::integer, %s) as n
            returning batch_id, message)
        insert into billing.transfer
            (batch_id, site_id, detail_id, end_to_end, claims, amount_cents, state)
        select m.batch_id, t.site_id, t.detail_id, m.message, t.claims, t.amount_cents, 'paid'
          from made m, (select * from billing.transfer limit 1) as t
    """
    platform.db.owner.execute(earlier, (1, 199))
    told = (await send(platform, "GET", PAID)).json()
    assert (len(told["remittances"]), told["has_more"]) == (200, False)
    platform.db.owner.execute(earlier, (200, 200))
    told = (await send(platform, "GET", PAID)).json()
    assert (len(told["remittances"]), told["has_more"]) == (200, True)
    assert last not in {one["remittance"] for one in told["remittances"]}


async def test_what_is_no_payment_of_its_own_is_unknown(platform: Platform) -> None:
    assert_problem(await send(platform, "GET", f"{PAID}/RP{'0' * 32}"), "remittance_unknown")
    assert_problem(await send(platform, "GET", f"{PAID}/LEAKED"), "bad_format", "remittance")
    assert_problem(await send(platform, "GET", PAID, {}), "bad_format", "body")
    named = await send(platform, "GET", f"{PAID}/RP{'0' * 32}", {})
    assert_problem(named, "bad_format", "body")


async def test_a_payment_that_the_bank_does_not_have_yet_is_not_told(platform: Platform) -> None:
    await claim(platform, await engagement_of(platform))
    name = paid_to(platform.db, platform.question("alice")["site"])
    owner = platform.db.owner
    owner.execute("update billing.transfer set state = 'batched'")
    assert (await send(platform, "GET", PAID)).json() == NONE
    assert_problem(await send(platform, "GET", f"{PAID}/{name}"), "remittance_unknown")


async def test_without_a_living_token_nothing_is_told(platform: Platform) -> None:
    platform.db.owner.execute("update identity.token set revoked_at = clock_timestamp()")
    for path in (PAID, f"{PAID}/RP{'0' * 32}"):
        assert_problem(await send(platform, "GET", path), "invalid_token")
