"""My budgets: in steps, the same for ten minutes whatever is asked, from what is committed."""

from typing import Any

import psycopg
import pytest

from rempart.identity import ClientKey
from tests.http.platform import EDGE, RPPS, SITE
from tests.http.shape import assert_problem
from tests.portal.visitor import Visitor
from tests.support.asking import one
from tests.support.database import Connection

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

BUDGETS = "/v1/portal/budgets"
ASK = "/v1/portal/rights-questions"
TEN_MINUTES = 600_000_000


async def levels(alice: Visitor) -> dict[str, dict[str, Any]]:
    answer = await alice.post(BUDGETS, {}, edge=True)
    assert answer.status_code == 200, answer.text
    return {one["bucket"]: one for one in answer.json()["levels"]}


def steps(found: dict[str, dict[str, Any]]) -> dict[str, tuple[int, int]]:
    return {name: (one["left"], one["steps"]) for name, one in found.items()}


def forward(alice: Visitor, microseconds: int) -> None:
    """Let guard time pass, as the heart does in as many seconds."""
    alice.platform.db.owner.execute(
        "update guard.clock set guard_at = guard_at + %s", (microseconds,)
    )


async def ask(alice: Visitor, person: str) -> str:
    question = alice.platform.question(person, professional=RPPS, site=SITE)
    answer = await alice.post(ASK, question, edge=True)
    return str(answer.json()["outcome"])


async def test_a_full_budget_and_its_caps(alice: Visitor) -> None:
    found = await levels(alice)
    # A pharmacist: 44 first asks at once, 23.4 a day; of them 15 and 7.8 a day typed.
    assert steps(found) == {
        "all": (10, 10), "new": (10, 10), "fresh": (10, 10), "typed": (5, 5), "miss": (4, 4),
        "exception": (5, 5),
    }  # fmt: skip
    fresh = found["fresh"]
    assert (fresh["day"], fresh["week"], fresh["month"]) == (67, 207, 746)
    assert fresh["comes_back_s"] == 3692


async def test_whatever_is_asked_changes_nothing_for_ten_minutes(alice: Visitor) -> None:
    """Members, strangers, until it is empty: nothing is told before ten minutes of guard time."""
    before = await levels(alice)
    outcomes = {await ask(alice, person) for person in ("alice", "bob", "stranger", "ended")}
    assert outcomes == {"covered", "no_right_found"}
    alice.platform.empty("fresh", 2)
    assert await ask(alice, "carol") == "better_evidence_needed"
    assert await levels(alice) == before
    forward(alice, TEN_MINUTES - 60_000_000)
    assert await levels(alice) == before
    forward(alice, 60_000_000)
    after = await levels(alice)
    assert after["fresh"]["left"] == 0
    assert after["fresh"]["noted_at"] > before["fresh"]["noted_at"]


async def test_a_step_is_never_less_than_three_units(alice: Visitor) -> None:
    """One question about a stranger moves nothing that is full, ten minutes later either."""
    before = steps(await levels(alice))
    assert await ask(alice, "stranger") == "no_right_found"
    forward(alice, TEN_MINUTES)
    assert steps(await levels(alice)) == before
    row = one(
        alice.platform.db.owner,
        "select min(burst::numeric / steps) as least from guard.level where bucket < 6",
    )
    assert row["least"] >= 3


async def test_the_emptiest_of_account_professional_and_site_is_shown(alice: Visitor) -> None:
    alice.platform.empty("fresh", 4)
    found = await levels(alice)
    assert found["fresh"]["left"] == 0
    assert found["typed"]["left"] == 5


async def test_an_edge_cannot_look_roll_back_and_look_again(alice: Visitor) -> None:
    """The edge's own role: what its own transaction took, it is not shown."""
    db = alice.platform.db
    jkt = one(db.owner, "select jkt from identity.token order by minted_at desc limit 1")["jkt"]

    def note(edge: Connection, jti: str) -> None:
        edge.execute("select guard.note_levels(%s, %s, %s)", (alice.cookie, jkt, jti))

    def shown(edge: Connection) -> list[dict[str, Any]]:
        return edge.execute(
            "select * from guard.read_levels(%s, %s)", (alice.cookie, jkt)
        ).fetchall()

    edge = db.connect("rempart_edge", autocommit=False)
    note(edge, "a")
    assert shown(edge) == []
    edge.rollback()
    assert shown(edge) == []
    edge.rollback()
    note(edge, "b")
    edge.commit()
    assert len(shown(edge)) > 5
    # Nor take a level in a transaction that did anything before: a question could be in it.
    edge.rollback()
    note(edge, "c")
    with pytest.raises(psycopg.Error) as raised:
        note(edge, "d")
    assert raised.value.sqlstate == "RP001"


async def test_each_look_is_proved_anew(alice: Visitor) -> None:
    assert alice.cookie is not None
    assert (await alice.use()).status_code == 204
    nonce = alice.platform.nonces.get(EDGE)
    proof = alice.key.proof("POST", EDGE + BUDGETS, b"{}", alice.cookie, nonce)
    first, again = [
        await alice.post(BUDGETS, {}, edge=True, headers={"DPoP": proof}) for _ in range(2)
    ]
    assert first.status_code == 200, first.text
    assert_problem(again, "proof_repeated")


async def test_only_its_owner_with_his_key_sees_it(alice: Visitor) -> None:
    assert_problem(await alice.post(BUDGETS, {}, edge=True, proved=False), "invalid_proof")
    thief = await alice.post(BUDGETS, {}, edge=True, key=ClientKey.generate())
    assert_problem(thief, "session_over")
    cookie = {"Cookie": f"__Host-rempart={alice.cookie}"}
    page = await alice.platform.edge.get("/portal/budgets", headers=cookie)
    assert page.status_code == 200
    assert 'meter aria-labelledby="budget-fresh" min="0"></meter' in page.text
