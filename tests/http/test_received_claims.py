"""/v1/received-claims: an insurer's software lists, reads and answers, with real proofs."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.http.everybody import Everybody, of, opened
from tests.http.platform import Platform
from tests.http.shape import assert_problem
from tests.support.answering import time_is_up

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@pytest.fixture
async def everybody(platform: Platform, tmp_path: Path) -> AsyncIterator[Everybody]:
    """Two sites, their people and software, and an insurer's; three claims, one of them paid."""
    async with opened(platform, tmp_path) as found:
        yield found


async def called(
    everybody: Everybody, name: str, message: bytes | dict[str, Any], who: str = "answering"
) -> httpx.Response:
    return await everybody.call(of(name), everybody.callers[who], message)


async def listed(everybody: Everybody, **asked: object) -> dict[str, Any]:
    answer = await called(everybody, "list_received", asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def answers(everybody: Everybody, *said: tuple[str, str | None]) -> list[dict[str, Any]]:
    """Answer claims; what became of each."""
    message = [
        {"claim": claim, "answer": "rejected" if because else "accepted", "because": because}
        for claim, because in said
    ]
    answer = await called(everybody, "answer_claims", {"answers": message})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["answers"]
    return found


async def read(everybody: Everybody, claim: str) -> httpx.Response:
    everybody.named["claims"]["read_received"] = claim
    return await called(everybody, "read_received", b"")


async def test_claims_are_listed_by_pages_read_and_answered(everybody: Everybody) -> None:
    entries = everybody.platform.entries()
    whole = await listed(everybody)
    names = [claim["claim"] for claim in whole["claims"]]
    assert (len(names), len(set(names)), whole["next"]) == (3, 3, None)
    paged, after = [], None
    for _ in range(2):
        page = await listed(everybody, after=after, at_most=2)
        paged += page["claims"]
        after = page["next"]
    assert (paged, after) == (whole["claims"], None)
    one = whole["claims"][0]
    assert (await read(everybody, one["claim"])).json() == one
    assert set(one) == {
        "claim", "state", "member_reference", "site", "domain", "care_date", "claimed_at",
        "amount_cents", "lines", "sealed_lines", "answer_by", "answer", "because", "answered_at",
        "settled", "settled_at",
    }  # fmt: skip
    done = await answers(everybody, (names[0], "paid_already"), (names[1], None))
    assert [(each["answer"], each["because"]) for each in done] == [
        ("rejected", "paid_already"),
        ("accepted", None),
    ]
    assert await answers(everybody, (names[0], "paid_already"), (names[1], None)) == done
    (other,) = await answers(everybody, (names[0], None))
    assert other == {
        "claim": names[0],
        "answer": None,
        "because": None,
        "answered_at": None,
        "refused_because": "answered_otherwise",
    }
    assert [claim["claim"] for claim in (await listed(everybody))["claims"]] == names[2:]
    told = (await read(everybody, names[0])).json()
    assert (told["answer"], told["answered_at"]) == ("rejected", done[0]["answered_at"])
    # It discloses nothing to anybody who is not the controller of it: no entry.
    assert everybody.platform.entries() == entries


async def test_the_site_is_told_that_it_is_disputed_and_never_why(everybody: Everybody) -> None:
    claims = (await listed(everybody))["claims"]
    await answers(everybody, *((claim["claim"], "care_doubted") for claim in claims))
    mine = await called(everybody, "read_claim", b"", "software")
    assert (mine.json()["state"], mine.json()["disputed"]) == ("accepted", True)
    notice = await called(everybody, "read_remittance", b"", "software")
    assert [line["disputed"] for line in notice.json()["lines"]] == [True]
    assert "care_doubted" not in mine.text + notice.text
    settle = "select billing.settle_dispute(%s, 'upheld', 'Vu avec lui', 'officer.one')"
    everybody.platform.db.owner.execute(settle, (bytes.fromhex(mine.json()["claim"]),))
    settled = await called(everybody, "read_claim", b"", "software")
    assert (settled.json()["state"], settled.json()["disputed"]) == ("accepted", False)
    seen = (await read(everybody, mine.json()["claim"])).json()
    assert (seen["answer"], seen["settled"]) == ("rejected", "upheld")
    assert seen["settled_at"].endswith("Z")
    assert "officer.one" not in str(seen)
    assert "Vu avec lui" not in str(seen)
    cancelled = await called(everybody, "cancel_claim", b"", "software")
    assert (cancelled.json()["state"], cancelled.json()["disputed"]) == ("cancelled", False)


async def test_after_the_delay_it_is_too_late(everybody: Everybody) -> None:
    claim = (await listed(everybody))["claims"][0]["claim"]
    time_is_up(everybody.platform.db, bytes.fromhex(claim))
    (told,) = await answers(everybody, (claim, "paid_already"))
    assert (told["answer"], told["refused_because"]) == (None, "answer_too_late")
    (unknown,) = await answers(everybody, ("0" * 32, None))
    assert unknown["refused_because"] == "received_claim_unknown"


async def test_what_is_no_answer_is_refused_and_names_the_field(everybody: Everybody) -> None:
    claim = (await listed(everybody))["claims"][0]["claim"]
    good = {"claim": claim, "answer": "rejected", "because": "paid_already"}
    for said in (
        {**good, "because": None},
        {**good, "answer": "accepted"},
        {**good, "because": "LEAKED"},
        {**good, "answer": "LEAKED"},
        {**good, "claim": "LEAKED"},
        {**good, "text": "LEAKED"},
        {"claim": claim},
    ):
        found = await called(everybody, "answer_claims", {"answers": [said]})
        assert_problem(found, "bad_format", "answers", never=("LEAKED",))
    for many in ([], [good] * 201):
        found = await called(everybody, "answer_claims", {"answers": many})
        assert_problem(found, "bad_format", "answers")
    large = await called(everybody, "answer_claims", b" " * 65_537)
    assert_problem(large, "body_too_large")
    for asked in ({"at_most": 0}, {"at_most": 201}):
        assert_problem(await called(everybody, "list_received", asked), "bad_format", "at_most")
    found = await called(everybody, "list_received", {"after": "0" * 32})
    assert_problem(found, "received_claim_unknown")
    assert_problem(await read(everybody, "LEAKED"), "bad_format", "claim")
    assert_problem(await read(everybody, "0" * 32), "received_claim_unknown")
    assert_problem(await called(everybody, "read_received", b"{}"), "bad_format", "body")
    assert len((await listed(everybody))["claims"]) == 3


async def test_a_gate_on_the_software_closes_it(everybody: Everybody) -> None:
    client = everybody.callers["answering"].client_id
    close = "select guard.close_gate('client', %s, 'Fuite en cours', 'Alice', null)"
    everybody.platform.db.owner.execute(close, (client,))
    for name in ("list_received", "read_received", "answer_claims"):
        message, _ = everybody.message(name, everybody.callers["answering"])
        assert_problem(await called(everybody, name, message), "answers_closed")
