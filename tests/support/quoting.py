"""Quotes at the level of SQL: what an edge sends, without HTTP. The plan counts glasses."""

import hashlib
import secrets
from datetime import date
from typing import Any

from psycopg.types.json import Jsonb

from rempart.foundation.database import hexed
from rempart.rights.quote import QuotedLine, read_told
from tests.support.asking import INSURER, Site, one
from tests.support.database import DatabaseUnderTest

MONTHS = 24
_COUNTED = {"mode": "on_request", "every_months": MONTHS}
RULES: dict[str, Any] = {
    "PHAR": {"mode": "direct", "rate_bp": 10000, "ceiling_cents": 5000},
    "OPTI": {
        "mode": "on_request",
        "amount_cents": 15000,
        "categories": {
            "MONTURE": {**_COUNTED, "amount_cents": 5000},
            "VERRE": {**_COUNTED, "amount_cents": 8000, "units": 2},
        },
    },
}


def line(category: str, quantity: int = 1, price: int = 20000) -> dict[str, Any]:
    return {
        "category": category,
        "quantity": quantity,
        "price_cents": price,
        "base_cents": 0,
        "obligatory_cents": 0,
    }


FRAME = line("MONTURE")
LENSES = line("VERRE", 2)
CONTACT = line("LENTILLES")


def count_glasses(db: DatabaseUnderTest, rules: dict[str, Any] | None = None) -> None:
    """State the plan of tests/support/asking.py anew: one frame and two lenses in 24 months."""
    db.owner.execute(
        "select registry.add_plan(%s, 'COMPLET', 'Complet', %s)", (INSURER, Jsonb(rules or RULES))
    )


def optician(db: DatabaseUnderTest, number: int = 1) -> Site:
    """An optician's, where a plan counts glasses."""
    made = Site.make(
        db, identifier=f"75100000{number}", rpps=f"1010000000{number}", profession="opticien"
    )
    count_glasses(db)
    return made


def quote(
    site: Site, person: str = "alice", *lines: dict[str, Any], **changes: object
) -> dict[str, Any]:
    """Make one quote as the edge does, on a scanned card; ``changes`` replace fields."""
    stated = list(lines or (FRAME, LENSES))
    row = site.scan(person, **({"domain": "OPTI", "lines": stated, "replaces": None} | changes))
    if "sameness" not in changes:
        row["sameness"] = hexed(hashlib.sha256((row["sameness"] + repr(stated)).encode()).digest())
    return row


def quoted(
    site: Site, person: str = "alice", *lines: dict[str, Any], **changes: object
) -> dict[str, Any]:
    """Ask one quote; what was answered, and its ``lines``."""
    (found,) = site.ask(quote(site, person, *lines, **changes))
    return {**found, "lines": read_told(found["told"])}


def number_of(site: Site, answer: dict[str, Any]) -> str:
    """The hash of the number that the answer would show."""
    row = one(
        site.db.owner,
        "select number_hash from billing.engagement where engagement_id = %s",
        answer["engagement_id"],
    )
    return hexed(row["number_hash"])


def agreed(site: Site, person: str = "alice", *lines: dict[str, Any], **changes: object) -> str:
    """Obtain a prise en charge; the hash of its number."""
    answer = quoted(site, person, *lines, **changes)
    assert answer["outcome"] == "agreed", answer
    return number_of(site, answer)


def about_authorization(site: Site, step: str, number: str) -> dict[str, Any]:
    """Read or cancel a prise en charge."""
    who = site.installation
    return one(
        site.edge(),
        f"select * from billing.{step}_authorization(%s, %s, %s, %s)",
        who.token,
        who.jkt,
        secrets.token_hex(16),
        bytes.fromhex(number[2:]),
    )


def told(*lines: tuple[int, int | None, date | None]) -> tuple[QuotedLine, ...]:
    return tuple(QuotedLine(*each) for each in lines)
