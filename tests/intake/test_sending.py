"""An insurer sends its own feed over HTTP to the real processes: part by part, once, its own."""

import hashlib
import socket
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from rempart.foundation.reach import MIGRATOR
from rempart.intake import FEED_LIMIT, PART_LIMIT
from tests.intake.premises import PART, Intake, Premises, code_of, many, send_all

pytestmark = pytest.mark.slow


def test_a_feed_in_parts_is_put_in_force(platform: Intake, mine: Premises) -> None:
    feed = mine.feed(*many(40))
    assert feed.stat().st_size > 3 * PART
    first, *_, last = list(mine.parts(feed))
    whole = feed.read_bytes()
    begun = mine.put("first", first[1], 0, len(whole), whole).json()
    assert (begun["state"], begun["received"], begun["total"]) == ("receiving", PART, len(whole))
    (kept,) = platform.spool.glob("*.feed")
    assert (kept.stat().st_mode & 0o777, platform.spool.stat().st_mode & 0o777) == (0o600, 0o700)
    assert kept.read_bytes() == first[1]

    send_all(mine, "first", feed, start=PART)
    assert mine.wait("first", "in_force", "refused") == {
        "id": "first", "state": "in_force", "total": len(whole), "received": len(whole),
        "accepted": 40, "refused": 0, "ended": 0, "before": 0, "after": 40,
        "mapped": None, "renamed": 0, "problems": [],
    }  # fmt: skip
    assert platform.covers(mine.amc) == 40
    assert platform.has_spooled_nothing()

    # The same name and content again: the same result, and nothing is done anew.
    (feeds,) = platform.rows("select count(*) as n from registry.feed")
    again = mine.put("first", last[1], last[0], len(whole), whole).json()
    assert again == mine.report("first")
    assert (again["state"], again["accepted"]) == ("in_force", 40)
    assert platform.rows("select count(*) as n from registry.feed") == [feeds]


def test_a_small_feed_may_come_whole(platform: Intake, mine: Premises) -> None:
    data = mine.feed(*many(3)).read_bytes()
    digest = mine.put("whole", b"x").request.headers["Repr-Digest"]
    assert digest.startswith("sha-256=:")
    mine.sender.send(_written(mine, data), "whole", lambda _received, _total: None)
    assert mine.wait("whole", "in_force")["accepted"] == 3


def _written(mine: Premises, data: bytes) -> Path:
    path = mine.folder / "written.feed"
    path.write_bytes(data)
    return path


def test_a_cut_in_the_middle_of_a_part_loses_that_part_alone(
    platform: Intake, mine: Premises
) -> None:
    feed = mine.feed(*many(40))
    whole = feed.read_bytes()
    (_, one), (at, two), *_ = mine.parts(feed)
    assert mine.put("cut", one, 0, len(whole), whole).json()["received"] == PART

    # A proved request whose body stops half way, as when a line is cut.
    built = mine.put("cut", one, 0, len(whole), whole).request
    proof = mine.key.proof(
        "PUT", str(built.url), two, mine.sender._token, mine.sender._nonces[mine.url]
    )
    headers = {**dict(built.headers), "dpop": proof, "content-length": str(len(two))}
    headers["content-range"] = f"bytes {at}-{at + len(two) - 1}/{len(whole)}"
    head = "\r\n".join(
        ["PUT /v1/feeds/cut HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    )
    with socket.create_connection((urlsplit(mine.url).hostname, urlsplit(mine.url).port)) as line:
        line.sendall(head.encode() + b"\r\n\r\n" + two[: PART // 2])

    assert mine.report("cut")["received"] == PART
    send_all(mine, "cut", feed, start=PART)
    assert mine.wait("cut", "in_force")["accepted"] == 40


def test_a_name_stands_for_one_content(mine: Premises) -> None:
    feed, other = mine.feed(*many(40)), mine.feed(*many(41))
    send_all(mine, "named", feed)
    assert mine.wait("named", "in_force")["accepted"] == 40
    whole = other.read_bytes()
    refused = mine.put("named", whole[:PART], 0, len(whole), whole)
    assert (refused.status_code, code_of(refused)) == (409, "feed_differs")
    assert mine.report("named")["accepted"] == 40


def test_a_part_goes_where_it_is_due(mine: Premises) -> None:
    feed = mine.feed(*many(40))
    whole = feed.read_bytes()

    def put(at: int, data: bytes) -> str:
        told = mine.put("due", data, at, len(whole), whole)
        return "taken" if told.status_code == 200 else code_of(told)

    assert put(0, whole[:PART]) == "taken"
    assert put(2 * PART, whole[2 * PART : 3 * PART]) == "part_not_due"
    assert put(10, whole[10 : PART + 10]) == "part_not_due"
    assert put(0, whole[:PART]) == "taken"  # its answer was lost
    assert put(100, bytes(reversed(whole[100:200]))) == "feed_differs"
    assert mine.report("due")["received"] == PART
    send_all(mine, "due", feed, start=PART)
    assert mine.wait("due", "in_force")["accepted"] == 40


def test_a_file_that_the_spool_lost_is_sent_anew(platform: Intake, mine: Premises) -> None:
    feed = mine.feed(*many(40))
    whole = feed.read_bytes()
    mine.put("lost", whole[:PART], 0, len(whole), whole)
    for path in platform.spool.glob("*.feed"):
        path.unlink()
    told = mine.put("lost", whole[PART : 2 * PART], PART, len(whole), whole)
    assert code_of(told) == "part_not_due"
    assert mine.report("lost")["received"] == 0
    send_all(mine, "lost", feed)
    assert mine.wait("lost", "in_force")["accepted"] == 40


def test_two_at_once_are_refused(platform: Intake, mine: Premises, others: Premises) -> None:
    feed, second = mine.feed(*many(40)), mine.feed(*many(41))
    whole = feed.read_bytes()
    assert mine.put("one", whole[:PART], 0, len(whole), whole).status_code == 200

    # Another feed of the same insurer; another insurer's own goes on.
    refused = mine.put("two", second.read_bytes())
    assert (refused.status_code, code_of(refused)) == (409, "feed_under_way")
    assert code_of(mine.ask("GET", "/v1/feeds/two")) == "feed_unknown"
    beside = others.feed(*many(2))
    assert others.put("two", beside.read_bytes()).status_code == 200
    assert others.wait("two", "in_force")["accepted"] == 2

    # Another part of the same feed, while somebody has its row.
    with psycopg.connect(platform.platform.reached.conninfo(MIGRATOR)) as owner:
        owner.execute("select from intake.upload where name = 'one' for update")
        refused = mine.put("one", whole[PART : 2 * PART], PART, len(whole), whole)
    assert (refused.status_code, code_of(refused)) == (409, "part_under_way")
    assert mine.report("one")["received"] == PART

    # One from which nothing came for a quarter of an hour gives way.
    platform.rows(
        "update intake.upload set worked_at = worked_at - interval '16 minutes' where name = 'one'"
    )
    send_all(mine, "two", second)
    assert mine.wait("two", "in_force")["accepted"] == 41
    left = mine.report("one")
    assert (left["state"], left["problems"][0]["reason"]) == (
        "refused", "another feed took its place",
    )  # fmt: skip


def test_what_is_no_prepared_feed_is_never_kept(platform: Intake, mine: Premises) -> None:
    plain = b"member_number,birth_date\n42771803,1985-05-19\n"
    refused = mine.put("plain", plain)
    assert (refused.status_code, code_of(refused)) == (422, "not_a_prepared_feed")
    assert "42771803" not in refused.text
    assert code_of(mine.ask("GET", "/v1/feeds/plain")) == "feed_unknown"
    assert platform.has_spooled_nothing()


def test_too_large_is_refused(platform: Intake, mine: Premises) -> None:
    data = mine.feed(*many(3)).read_bytes()
    refused = mine.put("large", data, 0, FEED_LIMIT + 1)
    assert (refused.status_code, code_of(refused)) == (413, "feed_too_large")
    refused = mine.put("large", bytes(PART_LIMIT + 1))
    assert (refused.status_code, code_of(refused)) == (413, "body_too_large")
    assert code_of(mine.ask("GET", "/v1/feeds/large")) == "feed_unknown"


@pytest.mark.parametrize(
    "headers,code",
    [
        ({"Content-Range": "bytes 0-1/2"}, "bad_format"),
        ({"Content-Range": "bytes 5-4/9"}, "bad_format"),
        ({"Content-Range": "items 0-1/2"}, "bad_format"),
        ({"Repr-Digest": "md5=:AAAA:"}, "bad_format"),
        ({"Repr-Digest": f"sha-256=:{'A' * 42}A=:, sha-512=:AAAA:"}, "bad_format"),
        ({"Content-Type": "text/csv"}, "not_octets"),
    ],
)
def test_what_cannot_be_understood_is_refused(
    mine: Premises, headers: dict[str, str], code: str
) -> None:
    assert code_of(mine.put("odd", mine.feed(*many(3)).read_bytes(), headers=headers)) == code
    assert code_of(mine.ask("GET", "/v1/feeds/odd")) == "feed_unknown"


@pytest.mark.parametrize("name", ["a%20b", "é", ".hidden", "x" * 65, "1850519004001", "a:b"])
def test_a_name_is_plain(mine: Premises, name: str) -> None:
    assert code_of(mine.ask("GET", f"/v1/feeds/{name}")) in {"bad_format", "invalid_proof"}


def test_the_announced_digest_must_be_the_files(platform: Intake, mine: Premises) -> None:
    data = mine.feed(*many(3)).read_bytes()
    mine.put("digest", data, whole=b"something else")
    found = mine.wait("digest", "refused", "in_force")
    assert (found["state"], found["accepted"], found["refused"]) == ("refused", 0, 1)
    assert "SHA-256" in found["problems"][0]["reason"]
    assert platform.has_spooled_nothing()
    assert hashlib.sha256(data).digest() != hashlib.sha256(b"something else").digest()
