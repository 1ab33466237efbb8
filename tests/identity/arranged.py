"""What the identity tests arrange: professionals, a site, an installation, by the real roles."""

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any

import msgspec

from rempart.identity import ClientKey
from rempart.identity.tokens import new_token, token_hash
from tests.support.database import DatabaseUnderTest

ALICE, BOB, CHARLIE = "10000000017", "10000000025", "10000000033"
"""Alice works at SITE, Bob at SITE and at ELSEWHERE, Charlie nowhere."""

SITE, ELSEWHERE = "750000018", "2A0000015"

Row = dict[str, Any]


@dataclass
class Arranged:
    """A database with people in it; `call` runs one function as the role that may."""

    db: DatabaseUnderTest
    connections: dict[str, Any] = field(default_factory=dict)

    def call(self, role: str, function: str, *args: object) -> list[Row]:
        if role not in self.connections:
            self.connections[role] = self.db.connect(role)
        marks = ", ".join(["%s"] * len(args))
        found = self.connections[role].execute(f"select * from {function}({marks})", args)
        return list(found.fetchall())

    def one(self, role: str, function: str, *args: object) -> Row:
        (row,) = self.call(role, function, *args)
        return row

    def desk(self, function: str, *args: object) -> Row:
        return self.one("rempart_desk", f"identity.{function}", *args)

    def signin(self, function: str, *args: object) -> Row:
        return self.one("rempart_signin", f"identity.{function}", *args)

    def who(
        self,
        token: str | None,
        jkt: bytes | None,
        rpps: str | None = None,
        site: str | None = None,
        domain: str | None = "PHAR",
    ) -> list[Row]:
        """Ask as the owner of the rights functions does: no login role may call it."""
        owner = self.db.owner
        owner.execute("set role rempart_def_rights")
        try:
            found = owner.execute(
                "select a.installation_id, w.account_id, w.professional_id, w.site_id, w.may_ask"
                " from (select (identity.alive(array[%s], array[%s::bytea]))[1]"
                " as installation_id) a cross join lateral"
                " identity.who(array[a.installation_id], array[%s], array[%s], array[%s]) w"
                " where a.installation_id is not null",
                (token, jkt, rpps, site, domain),
            ).fetchall()
        finally:
            owner.execute("reset role")
        return list(found)

    def owner(self, statement: str, *args: object) -> list[Row]:
        cursor = self.db.owner.execute(statement, args)
        return list(cursor.fetchall()) if cursor.description else []

    def issue(self, *rpps: str, site: str = SITE, lives: str = "1 hour") -> bytes:
        code_hash = secrets.token_bytes(32)
        issued = self.desk("issue_code", site, list(rpps), "Essai", code_hash, lives)
        assert issued["refused_because"] is None
        return code_hash

    def enrol(self, code_hash: bytes, key: ClientKey | None = None) -> tuple[ClientKey, Row]:
        key = key or ClientKey.generate()
        jwk = msgspec.json.encode(key.jwk).decode()
        return key, self.signin("enrol_installation", code_hash, key.jkt, jwk, jti())

    def installation(self, *rpps: str, site: str = SITE) -> ClientKey:
        key, row = self.enrol(self.issue(*(rpps or (ALICE,)), site=site))
        assert row["refused_because"] is None
        return key.enrolled(row["client_id"], row["site"], "http://localhost:8766")

    def mint(self, key: ClientKey) -> str:
        token = new_token()
        minted = self.mint_row(key, token_hash(token))
        assert minted["minted"] is True
        return token

    def mint_row(self, key: ClientKey, hashed: bytes | None, **changes: object) -> Row:
        given: dict[str, object] = {
            "client_id": key.client_id,
            "assertion_jti": jti(),
            "proof_jti": jti(),
            "jkt": key.jkt,
            "token_hash": hashed,
            "lives": "5 minutes",
        } | changes
        return self.signin("mint_token", *given.values())


def arrange(db: DatabaseUnderTest) -> Arranged:
    arranged = Arranged(db)
    for rpps in (ALICE, BOB, CHARLIE):
        arranged.desk("add_professional", rpps, "pharmacien")
    for site in (SITE, ELSEWHERE):
        arranged.desk("add_site", site, "Pharmacie d'essai")
    for rpps, site in ((ALICE, SITE), (BOB, SITE), (BOB, ELSEWHERE)):
        arranged.desk("open_account", rpps, site)
    return arranged


def jti() -> str:
    return secrets.token_urlsafe(18)


def digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
