"""A site that asks, at the level of SQL: what an edge sends, without HTTP and without hashing."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Self

from psycopg.types.json import Jsonb

from rempart.foundation.database import hexed
from tests.support.database import Connection, DatabaseUnderTest

INSURER = "12345678"
SECRET = hashlib.sha256(b"card secret").digest()
_TODAY = "select (clock_timestamp() at time zone 'Europe/Paris')::date as today"


def index_of(person: str) -> bytes:
    """Stand in for the outer index of a person."""
    return hashlib.sha256(b"index " + person.encode()).digest()


def asked_of(person: str) -> bytes:
    """Stand in for the guard's own index of a person."""
    return hashlib.sha256(b"asked " + person.encode()).digest()[:16]


@dataclass
class Installation:
    """An enrolled software with a live token."""

    installation_id: int
    token: str
    jkt: bytes


@dataclass
class Site:
    """One pharmacy, one account, one installation; ``today`` is the database's Paris date."""

    db: DatabaseUnderTest
    identifier: str
    rpps: str
    site_id: int
    account_id: int
    professional_id: int
    installation: Installation
    today: date
    connection: Connection | None = field(default=None, repr=False)

    @classmethod
    def make(
        cls,
        db: DatabaseUnderTest,
        *,
        identifier: str = "750000001",
        rpps: str = "10000000001",
        profession: str = "pharmacien",
    ) -> Self:
        owner = db.owner
        owner.execute("select identity.add_professional(%s, %s)", (rpps, profession))
        owner.execute("select identity.add_site(%s, %s)", (identifier, "Pharmacie d'essai"))
        row = one(owner, "select * from identity.open_account(%s, %s)", rpps, identifier)
        for kind, name in ((2, "account_id"), (3, "professional_id"), (4, "site_id")):
            owner.execute(
                "select guard.set_caps(%s::smallint, %s, %s)", (kind, row[name], profession)
            )
        site = cls(
            db=db,
            identifier=identifier,
            rpps=rpps,
            site_id=row["site_id"],
            account_id=row["account_id"],
            professional_id=row["professional_id"],
            installation=install_software(db, row["site_id"], [row["account_id"]]),
            today=today_of(owner),
        )
        cover_people(db)
        return site

    def at(self, installation: Installation) -> Self:
        return replace(self, installation=installation)

    def question(self, person: str = "alice", **changes: object) -> dict[str, Any]:
        """Make one question as the edge does; ``changes`` replace fields."""
        row: dict[str, Any] = {
            "attempt": hexed(secrets.token_bytes(16)),
            "token": self.installation.token,
            "jkt": hexed(self.installation.jkt),
            "proof": hexed(b"sealed proof"),
            "proof_jti": secrets.token_hex(16),
            "network": "127.0.0.1",
            "edge": hexed(bytes(16)),
            "boot": hexed(bytes(16)),
            "professional": self.rpps,
            "site": self.identifier,
            "insurer": INSURER,
            "person_indexes": [hexed(index_of(person))],
            "asked": hexed(asked_of(person)),
            "cards": [hexed(bytes(32))],
            "domain": "PHAR",
            "care_on": self.today.isoformat(),
            "evidence": "typed",
            "reference": secrets.token_hex(8),
            "digest": hexed(secrets.token_bytes(32)),
            "engagement_id": hexed(secrets.token_bytes(16)),
            "engagement_hash": hexed(secrets.token_bytes(32)),
        }
        row |= changes
        if "sameness" not in row:
            told = repr(
                [row[k] for k in ("person_indexes", "domain", "care_on", "evidence", "cards")]
            )
            row["sameness"] = hexed(hashlib.sha256(told.encode()).digest())
        return row

    def scan(self, person: str = "alice", **changes: object) -> dict[str, Any]:
        return self.question(person, **({"evidence": "scan", "cards": [hexed(SECRET)]} | changes))

    def edge(self) -> Connection:
        if self.connection is None or self.connection.closed:
            self.connection = self.db.connect("rempart_edge")
        return self.connection

    def ask(self, *questions: dict[str, Any]) -> list[dict[str, Any]]:
        """Ask a batch and collect it as the edge does; rows in the order asked."""
        edge = self.edge()
        edge.execute("call rights.ask(%s)", (Jsonb(list(questions)),))
        return collect(edge, *questions)

    def outcome(self, question: dict[str, Any]) -> str:
        """Ask one question; its outcome, or why it was refused, or 'nothing'."""
        rows = self.ask(question)
        return (rows[0]["outcome"] or rows[0]["refused_because"]) if rows else "nothing"

    def empty(self, bucket: str, *kinds: int) -> None:
        """Use up a bucket on the keys named (all that bound it when none is)."""
        keys = {1: self.installation.installation_id, 2: self.account_id}
        keys |= {3: self.professional_id, 4: self.site_id}
        for kind in kinds or (2, 3, 4):
            self.db.owner.execute(
                f"update guard.budget set {bucket}_tat = guard.now() + {bucket}_burst"
                f" * {bucket}_every where kind = %s and id = %s and {bucket}_every > 0",
                (kind, keys[kind]),
            )


def collect(edge: Connection, *questions: dict[str, Any]) -> list[dict[str, Any]]:
    """Collect what is on record for these attempts, as the edge does."""
    pickups = [{k: q[k] for k in ("attempt", "token", "jkt")} for q in questions]
    rows = edge.execute("select * from rights.collect(%s)", (Jsonb(pickups),)).fetchall()
    found = {hexed(row["attempt"]): row for row in rows}
    return [found[q["attempt"]] for q in questions if q["attempt"] in found]


def today_of(connection: Connection) -> date:
    """Return the database's date in Paris."""
    today: date = one(connection, _TODAY)["today"]
    return today


def one(connection: Connection, statement: str, *args: object) -> dict[str, Any]:
    row = connection.execute(statement, args).fetchone()
    assert row is not None
    return dict(row)


def write_something(edge: Connection, site: Site) -> None:
    """Write in the caller's own transaction, and hold the account's locks, as an edge may."""
    question = site.question()
    edge.execute(
        "select rights.note_broken(%s, %s::bytea, %s, %s, %s, %s::bytea, %s::bytea)",
        [
            question[k]
            for k in ("token", "jkt", "proof_jti", "professional", "site", "edge", "boot")
        ],
    )


def install_software(db: DatabaseUnderTest, site_id: int, accounts: list[int]) -> Installation:
    """Enrol an installation and mint a token that lives an hour, as a superuser would."""
    owner, token = db.owner, secrets.token_urlsafe(32)
    jwk = json.dumps({"x": secrets.token_hex(16)})
    jkt = hashlib.sha256(jwk.encode()).digest()
    made = one(
        owner,
        "insert into identity.installation"
        " (client_id, site_id, vendor, jkt, public_jwk, enrolled_at)"
        " values (%s, %s, 'essai', %s, %s, clock_timestamp()) returning installation_id",
        "inst_" + secrets.token_hex(16),
        site_id,
        jkt,
        jwk,
    )["installation_id"]
    for account in accounts:
        owner.execute("insert into identity.installation_account values (%s, %s)", (made, account))
    owner.execute("select guard.set_caps_installation(%s)", (made,))
    owner.execute(
        "insert into identity.token (token_hash, installation_id, jkt, minted_at, expires_at)"
        " values (sha256(convert_to(%s, 'UTF8')), %s, %s, clock_timestamp(),"
        " clock_timestamp() + interval '5 minutes')",
        (token, made, jkt),
    )
    return Installation(made, token, jkt)


COVERS: dict[str, tuple[int, int, str]] = {
    # person: (first day, last day) as days from today, plan
    "alice": (-400, 300, "COMPLET"),
    "bob": (-400, 300, "COMPLET"),
    "carol": (-400, 300, "COMPLET"),
    "ended": (-400, -40, "COMPLET"),
    "not_begun": (60, 300, "COMPLET"),
    "optic_only": (-400, 300, "OPTIQUE"),
}
"""Who is insured; anybody else is a stranger."""


def cover_people(db: DatabaseUnderTest, covers: dict[str, tuple[int, int, str]] = COVERS) -> None:
    """Put an insurer, two plans and a few covers straight into the registry; once a database."""
    owner = db.owner
    if owner.execute("select 1 from registry.insurer where amc_number = %s", (INSURER,)).fetchone():
        return
    owner.execute("select registry.add_insurer(%s, %s)", (INSURER, "Mutuelle d'essai"))
    direct = {"mode": "direct", "rate_bp": 10000, "amount_cents": None, "ceiling_cents": 5000}
    asked = {"mode": "on_request", "rate_bp": None, "amount_cents": 15000, "ceiling_cents": None}
    for code, rules in (
        ("COMPLET", {"PHAR": direct, "OPTI": asked}),
        ("OPTIQUE", {"OPTI": asked}),
    ):
        owner.execute(
            "select registry.add_plan(%s, %s, %s, %s)", (INSURER, code, code.title(), Jsonb(rules))
        )
    feed = one(
        owner,
        "insert into registry.feed (insurer_id, state, made_at, file_digest)"
        " select insurer_id, 'in_force', clock_timestamp(), sha256('') from registry.insurer"
        " returning feed_id, insurer_id",
    )
    today = today_of(owner)
    for person, (first, last, plan) in covers.items():
        owner.execute(
            "insert into registry.coverage (insurer_id, person_index, member_reference, plan_id,"
            " valid_from, valid_to, cover_rank, card_hash, feed_id)"
            " select %s, %s, %s, plan_id, %s, %s, 1, %s, %s from registry.plan where code = %s",
            (
                feed["insurer_id"],
                index_of(person),
                hashlib.sha256(person.encode()).digest()[:16],
                today + timedelta(first),
                today + timedelta(last),
                SECRET,
                feed["feed_id"],
                plan,
            ),
        )
