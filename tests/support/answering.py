"""An insurer's software that answers claims, at the level of SQL: what the intake sends."""

import hashlib
import json
import secrets
from typing import Any

from tests.support.asking import INSURER, Installation, Site, one
from tests.support.claiming import claimed, guarantee
from tests.support.database import Connection, DatabaseUnderTest

Row = dict[str, Any]


def insurer_software(
    db: DatabaseUnderTest, amc: str = INSURER, scope: str = "claims"
) -> Installation:
    """Enrol a software of an insurer's and mint a token that lives, as a superuser would."""
    owner, token = db.owner, secrets.token_urlsafe(32)
    jwk = json.dumps({"x": secrets.token_hex(16)})
    jkt = hashlib.sha256(jwk.encode()).digest()
    made = one(
        owner,
        "insert into identity.installation"
        " (client_id, insurer_id, scope, vendor, jkt, public_jwk, enrolled_at)"
        " select %s, insurer_id, %s, 'essai', %s, %s, clock_timestamp()"
        " from registry.insurer where amc_number = %s returning installation_id",
        "inst_" + secrets.token_hex(16),
        scope,
        jkt,
        jwk,
        amc,
    )["installation_id"]
    owner.execute(
        "insert into identity.token"
        " (token_hash, installation_id, jkt, scope, minted_at, expires_at)"
        " values (sha256(convert_to(%s, 'UTF8')), %s, %s, %s, clock_timestamp(),"
        " clock_timestamp() + interval '5 minutes')",
        (token, made, jkt, scope),
    )
    return Installation(made, token, jkt)


def shown(who: Installation) -> tuple[object, ...]:
    """Show the token, and a proof of its own."""
    return (who.token, who.jkt, secrets.token_hex(16))


def waiting(
    intake: Connection, who: Installation, after: bytes | None = None, at_most: int = 100
) -> list[Row]:
    """List what waits for an answer; a refusal is a row too."""
    statement = "select * from billing.list_received(%s, %s, %s, %s, %s)"
    found = intake.execute(statement, (*shown(who), after, at_most))
    return [dict(row) for row in found.fetchall()]


def received(intake: Connection, who: Installation, claim: bytes) -> Row:
    """Read one claim."""
    statement = "select * from billing.read_received(%s, %s, %s, %s)"
    return one(intake, statement, *shown(who), claim)


def answered(
    intake: Connection, who: Installation, *answers: tuple[bytes, str | None]
) -> list[Row]:
    """Answer claims: each accepted, or rejected for a reason."""
    found = intake.execute(
        "select * from billing.answer_claims(%s, %s, %s, %s, %s, %s) order by place",
        (
            *shown(who),
            [claim for claim, _ in answers],
            ["rejected" if because else "accepted" for _, because in answers],
            [because for _, because in answers],
        ),
    )
    return [dict(row) for row in found.fetchall()]


def became(row: Row) -> str:
    """Say what became of one answer, in a word."""
    return str(row["refused_because"] or row["not_taken_because"] or row["answer"])


def time_is_up(db: DatabaseUnderTest, claim: bytes) -> None:
    """Let a claim's delay have ended a moment ago."""
    db.owner.execute(
        "update billing.answer set answer_by = clock_timestamp() where claim_id = %s", (claim,)
    )


class Insurer:
    """An insurer's software over against one pharmacy."""

    def __init__(self, site: Site) -> None:
        self.site, self.who = site, insurer_software(site.db)
        self.intake: Connection = site.db.connect("rempart_intake")

    def claim(self, person: str = "alice") -> bytes:
        made = claimed(self.site, guarantee(self.site, person))
        assert made["refused_because"] is None, made
        return bytes(made["claim_id"])

    def answer(self, claim: bytes, because: str | None = None) -> str:
        (row,) = answered(self.intake, self.who, (claim, because))
        return became(row)

    def listed(self) -> list[bytes]:
        return [row["claim_id"] for row in waiting(self.intake, self.who)]

    def pay(self, *, confirmed: bool = True, sent_back: bool = False) -> None:
        """Take what is owed into a batch; the bank gets its file; and sends it back."""
        owner = self.site.db.owner
        owner.execute(
            "insert into billing.bank_detail (site_id, place, sealed, last_four, stated_at,"
            " effective_at) select %s, 1, %s, '2606', clock_timestamp(), clock_timestamp()"
            " where not exists (select from billing.bank_detail)",
            (self.site.site_id, bytes(1200)),
        )
        owner.execute("select billing.open_batch(insurer_id) from registry.insurer")
        owner.execute("select billing.note_file(batch_id, sha256('')) from billing.batch")
        if confirmed:
            owner.execute("select billing.confirm_batch(message) from billing.batch")
        if sent_back:
            self.sends_back()

    def sends_back(self) -> None:
        self.site.db.owner.execute(
            "select billing.take_return(end_to_end, 'AC04') from billing.transfer"
        )

    def ledger(self) -> dict[str, int]:
        """What the accounts hold that hold something; the ledger holds."""
        row = one(self.site.db.owner, "select * from billing.check_ledger()")
        assert (row["balance_cents"], row["wrong"], row["wrong_batches"]) == (0, [], [])
        names = ("insurer", "disputed", "operator", "owed", "in_batch", "bank")
        return {name: row[f"{name}_cents"] for name in names if row[f"{name}_cents"]}
