"""Claims at the level of SQL: what an edge sends, without HTTP."""

import hashlib
import secrets
from typing import Any

from psycopg.types.json import Jsonb

from rempart.foundation.database import hexed
from tests.support.asking import Site, one
from tests.support.database import Connection

CLAIM = "select * from billing.claim(%s, %s, %s, %s, %s)"
LINE = {
    "category": "PH7",
    "quantity": 1,
    "price_cents": 2000,
    "base_cents": 2000,
    "obligatory_cents": 1300,
}
"""The plan of tests/support/asking.py pays 100 % of it, less the obligatory part: 700 cents."""


def guarantee(site: Site, person: str = "alice", **changes: object) -> str:
    """Ask, and return the hash of the number that the answer would show."""
    question = site.question(person, **changes)
    (answer,) = site.ask(question)
    assert answer["outcome"] == "covered", answer
    row = one(
        site.db.owner,
        "select number_hash from billing.engagement where engagement_id = %s",
        answer["engagement_id"],
    )
    return hexed(row["number_hash"])


def stated(
    site: Site, engagement: str, *lines: dict[str, Any], **changes: object
) -> tuple[object, ...]:
    """Make the arguments of one claim, each with a proof and a reference of its own."""
    put = {
        "claim_id": hexed(secrets.token_bytes(16)),
        "engagement_hash": engagement,
        "reference": secrets.token_hex(8),
        "amount_cents": None,
        "replaces": None,
    } | changes
    told = list(lines or [LINE])
    same = repr([engagement, put["amount_cents"], put["replaces"], told])
    put.setdefault("sameness", hexed(hashlib.sha256(same.encode()).digest()))
    who = site.installation
    return (who.token, who.jkt, secrets.token_hex(16), Jsonb(put), Jsonb(told))


def claimed(
    site: Site,
    engagement: str,
    *lines: dict[str, Any],
    edge: Connection | None = None,
    **changes: object,
) -> dict[str, Any]:
    """Claim; what was answered."""
    return one(edge or site.edge(), CLAIM, *stated(site, engagement, *lines, **changes))


def about(site: Site, step: str, claim_id: bytes) -> dict[str, Any]:
    """Read or cancel a claim."""
    who = site.installation
    return one(
        site.edge(),
        f"select * from billing.{step}_claim(%s, %s, %s, %s)",
        who.token,
        who.jkt,
        secrets.token_hex(16),
        claim_id,
    )


def refused(site: Site) -> dict[str, int]:
    rows = site.db.owner.execute("select because, tally from billing.claim_refusal").fetchall()
    told: dict[str, int] = {}
    for row in rows:
        told[row["because"]] = told.get(row["because"], 0) + row["tally"]
    return told


def standing(site: Site) -> list[dict[str, Any]]:
    return site.db.owner.execute(
        "select claim_id, state, amount_cents from billing.claim order by made_at"
    ).fetchall()
