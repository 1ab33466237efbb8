"""What cannot be understood is refused by name, leaves nothing, and is never said back."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.http.platform import ASK, SECRET, Platform
from tests.http.shape import assert_problem

pytestmark = pytest.mark.anyio

NIR = "185051900400181"
FIELDS: list[tuple[str, object, str]] = [
    # field, value, code
    ("insurer", 12345678, "wrong_type"),
    ("insurer", "", "bad_format"),
    ("insurer", "LEAKED-INS", "bad_format"),
    ("insurer", "12345678901", "bad_format"),
    ("insurer", "12345678\n", "bad_format"),
    ("insurer", None, "wrong_type"),
    ("member_number", ["LEAKED"], "wrong_type"),
    ("member_number", "", "bad_format"),
    ("member_number", "LEAKED" * 6, "bad_format"),
    ("member_number", "LEAKED\u0000", "bad_format"),
    ("member_number", "LEAKED*%", "bad_format"),
    ("member_number", "\u0131LEAKED", "bad_format"),
    ("member_number", NIR, "looks_like_nir"),
    ("member_number", "1 85 05 19 004 001 81", "looks_like_nir"),
    ("member_number", "1850519004001", "looks_like_nir"),
    ("birth_date", 19850519, "wrong_type"),
    ("birth_date", "1985-02-30", "bad_date"),
    ("birth_date", "19/05/1985", "bad_date"),
    ("birth_date", "1985-05-19T00:00:00Z", "bad_date"),
    ("birth_date", "1879-12-31", "bad_date"),
    ("birth_date", "2999-01-01", "bad_date"),
    ("birth_rank", "1", "wrong_type"),
    ("birth_rank", 1.0, "wrong_type"),
    ("birth_rank", True, "wrong_type"),
    ("birth_rank", 0, "bad_format"),
    ("birth_rank", 10, "bad_format"),
    ("birth_rank", 10**400, "bad_format"),
    ("domain", "phar", "bad_format"),
    ("domain", "LEAKED", "bad_format"),
    ("care_date", "LEAKED", "bad_date"),
    ("care_date", "2020-01-01", "care_date_out_of_window"),
    ("evidence", "presence", "bad_format"),
    ("card_secret", SECRET, "card_secret_forbidden"),
    ("card_secret", 7, "wrong_type"),
    ("reference", "", "bad_format"),
    ("reference", "LEAKED REF", "bad_format"),
    ("reference", "L" * 65, "bad_format"),
    ("professional", "10001234564", "bad_check_digit"),
    ("professional", "810001234565", "bad_format"),
    ("professional", "١٠٠٠١٢٣٤٥٦٥", "bad_format"),
    ("site", "75001234", "bad_format"),
    ("site", "LEAKED123", "bad_format"),
]


def texts_of(value: object) -> tuple[str, ...]:
    text = str(value)
    return (text,) if len(text) > 3 else ()


async def test_each_bad_field_is_named_and_changes_nothing(platform: Platform) -> None:
    before = platform.kept()
    for field, value, code in FIELDS:
        response = await platform.ask("alice", **{field: value})
        assert response.status_code in {400, 422}, (field, value, response.text)
        assert_problem(response, code, field, never=(*texts_of(value), "LEAKED", "CANARY"))
    assert platform.kept() == before


@pytest.mark.parametrize(
    "secret", ["SHORT", "AAAAAAAAAAAAAAAA", "not base32 nor hex!", "K7QD" * 30]
)
async def test_a_weak_card_secret_is_refused(platform: Platform, secret: str) -> None:
    before = platform.kept()
    response = await platform.ask("alice", evidence="scan", card_secret=secret)
    assert_problem(response, "bad_format", "card_secret", never=(secret,))
    assert platform.kept() == before


async def test_a_scan_without_its_secret_is_refused(platform: Platform) -> None:
    before = platform.kept()
    assert_problem(await platform.ask(evidence="scan"), "card_secret_required", "card_secret")
    assert platform.kept() == before


async def test_each_required_field_is_missed_by_name(platform: Platform) -> None:
    before = platform.kept()
    whole = platform.question()
    for field in whole.keys() - {"birth_rank", "card_secret"}:
        partly = {name: value for name, value in whole.items() if name != field}
        response = await platform.send(json.dumps(partly).encode())
        assert_problem(response, "missing_field", field)
    assert platform.kept() == before


async def test_the_rank_and_the_secret_may_be_left_out(platform: Platform) -> None:
    partly = {
        n: v for n, v in platform.question().items() if n not in {"birth_rank", "card_secret"}
    }
    response = await platform.send(json.dumps(partly).encode())
    assert response.json()["outcome"] == "covered"


def whole(platform: Platform, **changes: object) -> str:
    return json.dumps(platform.question("alice", **changes))


async def test_bodies_that_are_no_question(platform: Platform) -> None:
    """Each is refused by its own code; nothing of it comes back, nothing changes."""
    good = whole(platform)
    bodies: list[tuple[bytes, str, str | None]] = [
        (b"", "malformed_json", None),
        (b"{", "malformed_json", None),
        (b"null", "malformed_json", None),
        (f"[{good}]".encode(), "malformed_json", None),
        (f"{good}{good}".encode(), "malformed_json", None),
        (good.replace('"birth_rank": 1', '"birth_rank": NaN').encode(), "malformed_json", None),
        (b"\xef\xbb\xbf" + good.encode(), "malformed_json", None),
        (b"[" * 16_000, "malformed_json", None),
        (b'{"a":' * 3_000, "malformed_json", None),
        (b'{"birth_rank": ' + b"9" * 5_000 + b"}", "malformed_json", None),
        (good.replace("CANARY771", "CANARY\x01").encode(), "malformed_json", None),
        (good.encode("utf-16"), "not_utf8", None),
        (good.replace("CANARY771", "CANARY\u00e9").encode("latin-1"), "not_utf8", None),
        (b'{"member_number": "\xed\xa0\x80"}', "not_utf8", None),
        (good.replace("CANARY771", "CANARY\\ud800").encode(), "bad_format", "member_number"),
        (good.replace("{", '{"LEAKED": 1, ').encode(), "unknown_field", None),
        (good.replace("{", '{"nir": "185051900400181", ').encode(), "unknown_field", None),
        (good.replace("{", '{"insurer": "LEAKED", ').encode(), "duplicate_key", "insurer"),
        (good.replace("{", '{"\\u0069nsurer": "LEAKED", ').encode(), "duplicate_key", "insurer"),
        (good.replace("{", '{"LEAKED": 1, "LEAKED": 2, ').encode(), "duplicate_key", None),
    ]
    before = platform.kept()
    for body, code, field in bodies:
        response = await platform.send(body)
        assert_problem(response, code, field, never=("LEAKED", "CANARY", NIR))
    assert platform.kept() == before


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", ""],
)
async def test_another_content_type_is_refused(platform: Platform, kind: str) -> None:
    body = whole(platform).encode()
    assert_problem(await platform.send(body, headers={"Content-Type": kind}), "not_json")


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON"])
async def test_json_may_say_its_charset(platform: Platform, kind: str) -> None:
    response = await platform.send(whole(platform).encode(), headers={"Content-Type": kind})
    assert response.status_code == 200


async def test_a_body_past_the_limit_is_refused_however_it_comes(platform: Platform) -> None:
    body = whole(platform).encode().ljust(16_385)
    before = platform.kept()

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(body), 1_000):
            yield body[at : at + 1_000]

    headers = {
        "Content-Type": "application/json",
        "Authorization": f"DPoP {platform.token}",
        "DPoP": platform.proof(body),
    }
    announced = await platform.edge.post(ASK, content=body, headers=headers)
    chunked = await platform.edge.post(ASK, content=pieces(), headers=headers)
    lying = await platform.edge.post(ASK, content=body, headers=headers | {"Content-Length": "10"})
    for response in (announced, chunked, lying):
        assert_problem(response, "body_too_large")
    assert platform.kept() == before
    just = await platform.send(whole(platform).encode().ljust(16_384))
    assert just.status_code == 200


async def test_the_date_window_ends_ahead(platform: Platform) -> None:
    last = (platform.today + timedelta(31)).isoformat()
    past = (platform.today + timedelta(32)).isoformat()
    assert await platform.outcome("alice", care_date=last) == "covered"
    assert_problem(
        await platform.ask("alice", care_date=past), "care_date_out_of_window", "care_date"
    )


async def test_the_language_follows_the_client(platform: Platform) -> None:
    body = whole(platform, site="x").encode()
    french = await platform.send(body)
    english = await platform.send(body, headers={"Accept-Language": "en-GB, en;q=0.9"})
    assert (french.json()["title"], english.json()["title"]) == ("Format refusé", "Bad format")
    assert (french.json()["code"], french.json()["field"]) == ("bad_format", "site")
    assert (english.json()["code"], english.json()["field"]) == ("bad_format", "site")
