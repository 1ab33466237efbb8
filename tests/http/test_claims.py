"""/v1/claims: a guarantee is asked for, claimed, read and cancelled, as a software does it."""

import json
from typing import Any

import httpx
import pytest

from rempart.api.problems import TABLE
from rempart.billing import ClaimRefusal
from rempart.foundation.texts import Language, texts
from tests.http.platform import EDGE, Platform
from tests.http.shape import assert_problem
from tests.portal.visitor import administrator
from tests.support.asking import one
from tests.support.claiming import LINE

pytestmark = pytest.mark.anyio

CLAIMS = "/v1/claims"


def written(engagement: str, **changes: object) -> dict[str, Any]:
    return {"engagement": engagement, "reference": "F-1", "lines": [LINE]} | changes


async def send(
    platform: Platform, method: str, path: str, message: object = None
) -> httpx.Response:
    """Send a request with a proof of this very request."""
    body = b"" if message is None else json.dumps(message).encode()
    return await platform.edge.request(
        method,
        path,
        content=body,
        headers={
            "Content-Type": "application/json",
            "Authorization": f"DPoP {platform.token}",
            "DPoP": platform.proof(body, method=method, url=EDGE + path),
        },
    )


async def claim(platform: Platform, engagement: str, **changes: object) -> httpx.Response:
    return await send(platform, "POST", CLAIMS, written(engagement, **changes))


async def engagement_of(platform: Platform, person: str = "alice") -> str:
    return str((await platform.ask(person)).json()["engagement"])


async def test_a_guarantee_is_claimed_read_and_cancelled(platform: Platform) -> None:
    number, entries = await engagement_of(platform), platform.entries()
    # As a person reads it out: small letters, blanks, an o for a zero.
    told = await claim(platform, number.lower().replace("-", " ").replace("0", "o"))
    assert told.status_code == 200, told.text
    answer = told.json()
    names = ["claim", "state", "amount_cents", "promised_cents", "made_at", "disputed"]
    assert list(answer) == names
    assert answer["disputed"] is False
    assert (answer["state"], answer["amount_cents"], answer["promised_cents"]) == (
        "accepted", 700, 700,
    )  # fmt: skip
    assert (await claim(platform, number)).json() == answer  # the same again
    assert_problem(await claim(platform, number, reference="F-2"), "engagement_used")
    path = f"{CLAIMS}/{answer['claim']}"
    assert (await send(platform, "GET", path)).json() == answer
    cancelled = await send(platform, "POST", f"{path}/cancellation")
    assert cancelled.json() == answer | {"state": "cancelled"}
    assert_problem(await send(platform, "GET", f"{CLAIMS}/{'0' * 32}"), "claim_unknown")
    # A claim tells of nobody: it is no entry, and costs nothing of what may be learned.
    assert platform.entries() == entries


async def test_a_software_replaces_a_claim_and_states_its_amount(platform: Platform) -> None:
    number = await engagement_of(platform)
    first = (await claim(platform, number)).json()["claim"]
    above = await claim(platform, number, reference="F-2", amount_cents=701, replaces=first)
    assert_problem(above, "above_promise")
    told = await claim(platform, number, reference="F-2", amount_cents=650, replaces=first)
    assert (told.json()["amount_cents"], told.json()["promised_cents"]) == (650, 700)
    read = await send(platform, "GET", f"{CLAIMS}/{first}")
    assert read.json()["state"] == "cancelled"


LEAK = "LEAKED"
NESTED: list[tuple[object, str]] = [
    ([], "bad_format"),
    (LEAK, "wrong_type"),
    ([LEAK], "bad_format"),
    ([{**LINE, "name": LEAK}], "bad_format"),
    ([{**LINE, "category": "LEAKED of Alice"}], "bad_format"),
    ([{**LINE, "price_cents": "2000"}], "bad_format"),
    ([{**LINE, "price_cents": 20.5}], "bad_format"),
    ([{**LINE, "price_cents": -1}], "bad_format"),
    ([{**LINE, "quantity": 0}], "bad_format"),
    ([{key: LINE[key] for key in LINE if key != "base_cents"}], "bad_format"),
    ([LINE] * 41, "bad_format"),
]


async def test_what_cannot_be_understood_is_refused_by_name(platform: Platform) -> None:
    number = await engagement_of(platform)
    for lines, code in NESTED:
        assert_problem(await claim(platform, number, lines=lines), code, "lines", never=(LEAK,))
    for field, value in (
        ("engagement", number[:-1] + ("A" if number[-1] != "A" else "B")),
        ("engagement", "1850519004001"),
        ("reference", "LEAKED REF"),
        ("amount_cents", 0),
        ("replaces", "LEAKED"),
    ):
        answer = await send(platform, "POST", CLAIMS, written(number) | {field: value})
        assert_problem(answer, "bad_format", field, never=(LEAK,))
    assert_problem(await claim(platform, number, patient=LEAK), "unknown_field", never=(LEAK,))
    assert_problem(await send(platform, "GET", CLAIMS + "/LEAKED"), "bad_format", "claim")
    body = json.dumps(written(number)).replace('"quantity"', '"quantity": 1, "quantity"').encode()
    twice = await platform.edge.post(
        CLAIMS,
        content=body,
        headers={
            "Content-Type": "application/json",
            "Authorization": f"DPoP {platform.token}",
            "DPoP": platform.proof(body, url=EDGE + CLAIMS),
        },
    )
    assert_problem(twice, "duplicate_key")
    path = f"{CLAIMS}/{'0' * 32}/cancellation"
    assert_problem(await send(platform, "POST", path, {}), "bad_format", "body")
    assert one(platform.db.owner, "select count(*) as n from billing.claim")["n"] == 0


async def test_a_proof_of_something_else_claims_nothing(platform: Platform) -> None:
    number = await engagement_of(platform)
    body = json.dumps(written(number)).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"DPoP {platform.token}"}
    for proof in (platform.proof(body), platform.proof(b"{}", url=EDGE + CLAIMS)):
        answer = await platform.edge.post(CLAIMS, content=body, headers=headers | {"DPoP": proof})
        assert_problem(answer, "invalid_proof")
    good = headers | {"DPoP": platform.proof(body, url=EDGE + CLAIMS)}
    assert (await platform.edge.post(CLAIMS, content=body, headers=good)).status_code == 200
    assert_problem(await platform.edge.post(CLAIMS, content=body, headers=good), "proof_repeated")
    platform.db.owner.execute("update identity.token set revoked_at = clock_timestamp()")
    assert_problem(await claim(platform, number), "invalid_token")


async def test_the_portal_claims_by_a_session(platform: Platform) -> None:
    alice = await administrator(platform)
    assert (await alice.sign_in()).status_code == 200
    number = await engagement_of(platform)
    path = "/v1/portal/claims"
    told = await alice.post(path, written(number), edge=True)
    assert told.status_code == 200, told.text
    assert told.json()["amount_cents"] == 700
    cancel = f"{path}/{told.json()['claim']}/cancellation"
    cancelled = await alice.post(cancel, body=b"", edge=True)
    assert cancelled.json()["state"] == "cancelled", cancelled.text
    elsewhere = await alice.post(
        path, written(number), edge=True, headers={"Origin": "https://example.org"}
    )
    assert_problem(elsewhere, "wrong_origin")


async def test_every_reason_is_a_problem_with_something_to_do() -> None:
    for because in ClaimRefusal:
        assert because.value in TABLE
        for language in Language:
            assert len(texts(language)(f"problem.{because}.remedy")) > 20
