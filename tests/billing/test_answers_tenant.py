"""Whose claims an insurer's software sees and answers: its own, and only as a visit shows them."""

import json
from base64 import b64encode
from dataclasses import asdict
from pathlib import Path

import psycopg
import pytest

from rempart.billing import open_line
from rempart.foundation.keyring import FileKeyring
from tests.support import sealing
from tests.support.answering import (
    Insurer,
    answered,
    became,
    insurer_software,
    received,
    shown,
    time_is_up,
    waiting,
)
from tests.support.asking import INSURER, Site, one
from tests.support.claiming import LINE
from tests.support.closing import close
from tests.support.command_line import Told

OTHER = "87654321"
REASON = "amount_too_high"


@pytest.fixture
def insurer(site: Site) -> Insurer:
    return Insurer(site)


def test_lines_that_were_sealed_are_told_sealed_and_open_for_the_insurer_alone(
    insurer: Insurer, told: Told, tmp_path: Path
) -> None:
    held = sealing.Insurer(told, tmp_path)
    key = held.trusted()
    claim = insurer.claim()
    insurer.pay()
    assert received(insurer.intake, insurer.who, claim)["lines"] == [LINE]
    told("lines", "seal")
    row = received(insurer.intake, insurer.who, claim)
    assert (row["lines"], row["key_id"].hex()) == (None, key["fingerprint"].replace(" ", ""))
    raw = {"format": "rempart/sealed-lines/v1", "insurer": INSURER, "claim": claim.hex()}
    raw |= {"key": row["key_id"].hex(), "sealed": b64encode(row["sealed"]).decode()}
    found = open_line(FileKeyring.open(held.keys), INSURER, json.dumps(raw).encode())
    assert [asdict(line) for line in found.delivered.lines] == [LINE]
    other = "insert into billing.insurer_visit (insurer_id) values (99)"
    owner = insurer.site.db.owner
    with owner.transaction(force_rollback=True):
        owner.execute("set local role rempart_def_insurer")
        owner.execute(other)
        assert one(owner, "select count(claim_id) as n from billing.sealed_lines")["n"] == 0


def test_who_may_not_is_refused(insurer: Insurer) -> None:
    claim = insurer.claim()
    feeds = insurer_software(insurer.site.db, scope="feeds")
    dead = insurer_software(insurer.site.db)
    insurer.site.db.owner.execute(
        "update identity.token set revoked_at = clock_timestamp() where installation_id = %s",
        (dead.installation_id,),
    )
    refusals = {"feeds": feeds, "site": insurer.site.installation, "dead": dead}
    for name, who in refusals.items():
        assert [became(row) for row in waiting(insurer.intake, who)] == ["invalid_token"], name
        assert became(received(insurer.intake, who, claim)) == "invalid_token", name
        assert [became(row) for row in answered(insurer.intake, who, (claim, None))] == [
            "invalid_token"
        ], name
    once = shown(insurer.who)
    read = "select * from billing.read_received(%s, %s, %s, %s)"
    assert one(insurer.intake, read, *once, claim)["claim_id"] == claim
    assert one(insurer.intake, read, *once, claim)["refused_because"] == "proof_repeated"
    assert insurer.answer(claim) == "accepted"


def test_its_own_gate_closes_it_and_one_on_the_platform_stops_no_answer(insurer: Insurer) -> None:
    first, second = insurer.claim("alice"), insurer.claim("bob")
    close(insurer.site, "platform", "")
    close(insurer.site, "insurer", INSURER)
    assert insurer.answer(first, REASON) == "rejected"
    client = one(
        insurer.site.db.owner,
        "select client_id from identity.installation where installation_id = %s",
        insurer.who.installation_id,
    )["client_id"]
    close(insurer.site, "client", client)
    assert insurer.answer(second, REASON) == "closed"
    assert [became(row) for row in waiting(insurer.intake, insurer.who)] == ["closed"]


def test_anothers_claim_is_no_claim(insurer: Insurer) -> None:
    """To another insurer it is, to the byte, what was never claimed; whatever became of it."""
    owner = insurer.site.db.owner
    owner.execute("select registry.add_insurer(%s, 'Autre')", (OTHER,))
    other = insurer_software(insurer.site.db, OTHER)
    waits, answered_, late = (insurer.claim(person) for person in ("alice", "bob", "carol"))
    insurer.answer(answered_, REASON)
    time_is_up(insurer.site.db, late)
    never = bytes(16)

    def seen(claim: bytes) -> list[object]:
        rows = [
            received(insurer.intake, other, claim),
            *waiting(insurer.intake, other, claim),
            *answered(insurer.intake, other, (claim, None)),
        ]
        return [{k: v for k, v in row.items() if v != claim} for row in rows]

    assert waiting(insurer.intake, other) == []
    for claim in (waits, answered_, late):
        assert seen(claim) == seen(never)
    assert insurer.ledger() == {"insurer": -1400, "disputed": -700, "owed": 2100}
    assert received(insurer.intake, insurer.who, waits)["answer"] is None


def test_without_a_visit_the_functions_own_role_sees_and_writes_nothing(insurer: Insurer) -> None:
    claim = insurer.claim()
    owner = insurer.site.db.owner
    enter = "insert into billing.insurer_visit (insurer_id) values (%s)"
    ours = one(owner, "select insurer_id from registry.insurer")["insurer_id"]
    move = (
        "insert into billing.ledger (insurer_id, site_id, claim_id, step, debit, credit,"
        f" amount_cents) values ({ours}, 1, sha256('')::bytea, %s, %s, %s, 1)"
    )
    rejected = ("rejected", "disputed", "insurer")

    def counts() -> list[int]:
        return [
            one(owner, f"select count(*) as n from billing.{table}")["n"]
            for table in ("answer", "claim", "engagement", "claim_line")
        ]

    for visitor, found in ((None, [0, 0, 0, 0]), (ours + 1, [0, 0, 0, 0]), (ours, [1, 1, 1, 1])):
        with owner.transaction(force_rollback=True):
            owner.execute("set local role rempart_def_insurer")
            if visitor is not None:
                owner.execute(enter, (visitor,))
            assert counts() == found
            if visitor != ours:
                with pytest.raises(psycopg.errors.InsufficientPrivilege), owner.transaction():
                    owner.execute(move, rejected)
                continue
            owner.execute(move, rejected)
            for step in (("claimed", "insurer", "owed"), ("cancelled", "owed", "disputed")):
                with pytest.raises(psycopg.errors.InsufficientPrivilege), owner.transaction():
                    owner.execute(move, step)
            answer = "update billing.answer set answer = 'accepted', because = null,"
            answer += " answered_at = now(), installation_id = 1"
            assert owner.execute(answer).rowcount == 1
            # Once: what was answered is not there to be changed, even in the same visit.
            assert owner.execute(answer).rowcount == 0
            with pytest.raises(psycopg.errors.InsufficientPrivilege), owner.transaction():
                owner.execute("update billing.answer set answer_by = now()")
    assert received(insurer.intake, insurer.who, claim)["answer"] is None
    assert one(owner, "select count(*) as n from billing.insurer_visit")["n"] == 0


def test_the_money_s_own_role_cannot_change_an_answer(insurer: Insurer) -> None:
    insurer.claim()
    owner = insurer.site.db.owner
    for change in (
        "update billing.answer set answer_by = now()",
        "update billing.answer set answer = 'accepted'",
        "delete from billing.answer",
        "insert into billing.answer select sha256(''), 1, now(), 'accepted', null, now(), 1",
    ):
        with owner.transaction(force_rollback=True):
            owner.execute("set local role rempart_def_billing")
            with pytest.raises(psycopg.errors.InsufficientPrivilege), owner.transaction():
                owner.execute(change)


def test_it_is_a_transaction_of_its_own(insurer: Insurer) -> None:
    claim = insurer.claim()
    intake = insurer.site.db.connect("rempart_intake", autocommit=False)
    answered(intake, insurer.who, (claim, None))
    with pytest.raises(psycopg.Error) as raised:
        waiting(intake, insurer.who)
    assert raised.value.sqlstate == "RP001"
    intake.rollback()
    assert insurer.listed() == [claim]


@pytest.mark.parametrize("because", ["", "no", "MEMBER_UNKNOWN"])
def test_a_reason_of_ones_own_is_none(insurer: Insurer, because: str) -> None:
    claim = insurer.claim()
    with pytest.raises(psycopg.errors.CheckViolation):
        insurer.intake.execute(
            "select billing.answer_claims(%s, %s, %s, %s, '{rejected}', %s)",
            (*shown(insurer.who), [claim], [because]),
        )
    assert insurer.listed() == [claim]
