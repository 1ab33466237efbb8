"""Whose feed it is: the token says so, and nobody reaches another's or learns that it is there."""

import json

import httpx
import pytest

from rempart.cli.feed_sender import FeedSender
from rempart.simulation.software import enrol
from tests.intake.premises import PART, Intake, Premises, code_of, many, send_all
from tests.support.real_platform import AMC, RPPS, SITE, arrange

pytestmark = pytest.mark.slow


def test_a_feed_is_its_insurers_own(platform: Intake, mine: Premises, others: Premises) -> None:
    feed = mine.feed(*many(40))
    whole = feed.read_bytes()
    mine.put("own", whole[:PART], 0, len(whole), whole)

    # Nothing tells the other insurer that it exists: the same answers as for what never was.
    for path in ("/v1/feeds/{}", "/v1/feeds/{}/confirmation"):
        method = "POST" if path.endswith("confirmation") else "GET"
        known, unknown = (others.ask(method, path.format(name)) for name in ("own", "never"))
        assert (known.status_code, code_of(known)) == (404, "feed_unknown")
        assert [_told(one) for one in (known, unknown)] == [_told(unknown)] * 2

    # A part by that name is a part of its own, and writes nothing into this one.
    theirs = others.feed(*many(5)).read_bytes()
    assert others.put("own", theirs).json()["total"] == len(theirs)
    assert others.wait("own", "in_force")["accepted"] == 5
    assert mine.report("own")["received"] == PART
    send_all(mine, "own", feed, start=PART)
    assert mine.wait("own", "in_force")["accepted"] == 40
    assert (platform.covers(mine.amc), platform.covers(others.amc)) == (40, 5)


def _told(response: httpx.Response) -> dict[str, object]:
    told = dict(response.json())
    told.pop("request_id")
    return told


def test_nobody_states_anothers_covers(platform: Intake, mine: Premises, others: Premises) -> None:
    """The header's insurer is the token's: refused at the first part, and once more at the end."""
    theirs = others.feed(*many(5)).read_bytes()
    refused = mine.put("theirs", theirs)
    assert (refused.status_code, code_of(refused)) == (403, "feed_of_another_insurer")
    assert code_of(mine.ask("GET", "/v1/feeds/theirs")) == "feed_unknown"
    assert platform.has_spooled_nothing()

    # As if the first part had been changed after it was looked at.
    own = mine.feed(*many(5)).read_bytes()
    assert len(own) == len(theirs)
    mine.put("swapped", own[:500], 0, len(theirs), theirs)
    (kept,) = platform.spool.glob("*.feed")
    kept.write_bytes(theirs[:500])
    mine.put("swapped", theirs[500:], 500, len(theirs), theirs)
    found = mine.wait("swapped", "refused", "in_force")
    assert found["problems"][0]["column"] == "insurer"
    assert (platform.covers(mine.amc), platform.covers(others.amc)) == (0, 0)


def test_a_proof_serves_once_and_a_dead_token_not_at_all(platform: Intake, mine: Premises) -> None:
    data = mine.feed(*many(3)).read_bytes()
    assert mine.put("proof", data).status_code == 200
    mine.wait("proof", "in_force")
    request = mine.ask("GET", "/v1/feeds/proof").request
    again = mine.sender.http.send(request)
    assert (again.status_code, code_of(again)) == (401, "proof_repeated")

    client_id = mine.key.client_id or ""
    platform.command("gate", "close", "--client", client_id, "--reason", "essai", "--by", "Alice")
    assert code_of(mine.ask("GET", "/v1/feeds/proof")) == "feeds_closed"
    assert code_of(mine.put("proof", data)) == "feeds_closed"
    platform.command("gate", "open", "--client", client_id, "--reason", "essai", "--by", "Alice")
    assert mine.report("proof")["state"] == "in_force"

    platform.command("client", "revoke", client_id)
    refused = mine.ask("GET", "/v1/feeds/proof")
    assert (refused.status_code, code_of(refused)) == (401, "invalid_token")


def test_each_scope_opens_its_own_door_alone(platform: Intake, mine: Premises) -> None:
    """An insurer's live token asks nothing, a site's sends nothing."""
    settings = platform.platform.settings
    addresses = platform.platform.addresses
    pharmacy = enrol(arrange(platform.platform).code, addresses)
    question = {
        "insurer": AMC, "member_number": "42771803", "birth_date": "1985-05-19", "domain": "PHAR",
        "care_date": str(platform.rows("select current_date as d")[0]["d"]), "evidence": "typed",
        "reference": "r1", "professional": RPPS, "site": SITE,
    }  # fmt: skip
    body = json.dumps(question).encode()
    asked = mine.sender._proved(
        "POST", settings.public_url + "/v1/rights-questions", body,
        {"Content-Type": "application/json"}, mine.sender._new_token(),
    )  # fmt: skip
    assert (asked.status_code, code_of(asked)) == (401, "invalid_token")
    with FeedSender(pharmacy, settings.intake_url, 5, PART) as sender:
        asked = sender._proved(
            "POST", settings.public_url + "/v1/rights-questions", body,
            {"Content-Type": "application/json"}, sender._new_token(),
        )  # fmt: skip
        assert asked.json()["outcome"] == "no_right_found"
        sent = sender._proved(
            "GET", settings.intake_url + "/v1/feeds/x", b"", {}, sender._new_token()
        )
        assert (sent.status_code, code_of(sent)) == (401, "invalid_token")
