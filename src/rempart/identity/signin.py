"""The sign-in process's work: enrols keys, mints tokens. It may do nothing else, and alone may."""

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from rempart.foundation.database import Database, Row
from rempart.identity.assertion import AssertionRefusedError, check_assertion, claimed_client
from rempart.identity.codes import code_hash
from rempart.identity.dpop import Proof, check_proof
from rempart.identity.nonce import NonceClock
from rempart.identity.tokens import LIVES, LIVES_S, new_token, token_hash

_EPOCH_KEPT_S = 1.0
"""How long the epoch is believed: a flood of requests costs one look a second."""

TOKEN_PATH = "/v1/token"  # noqa: S105 - a path
INSTALLATIONS_PATH = "/v1/installations"


class TokenRefusal(StrEnum):
    """Why no token was minted. `CLIENT` covers all that would tell who is enrolled."""

    CLIENT = "invalid_client"
    PROOF_REPEATED = "invalid_dpop_proof"
    TOO_MANY = "slow_down"


class EnrolmentRefusal(StrEnum):
    """Why a key was not enrolled."""

    CODE = "code_not_valid"
    KEY = "key_already_enrolled"
    PROOF_REPEATED = "proof_repeated"


@dataclass(frozen=True, slots=True)
class MintedToken:
    """A token, told once. `lives_s` in seconds; `scope`: ``rights``, ``feeds`` or ``claims``."""

    token: str
    lives_s: int
    scope: str


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A key that is now an installation's, of a site or of an insurer (by its AMC number)."""

    client_id: str
    site: str | None
    insurer: str | None


_MINT_REFUSALS = {
    "client_unknown": TokenRefusal.CLIENT,
    "assertion_repeated": TokenRefusal.CLIENT,
    "proof_repeated": TokenRefusal.PROOF_REPEATED,
    "too_many_tokens": TokenRefusal.TOO_MANY,
}


class SignIn:
    """What the handlers of the sign-in process call. Refusals are returned, faults raised."""

    def __init__(self, database: Database, *, nonces: NonceClock, signin_url: str) -> None:
        """Take a database as ``rempart_signin``, the nonces, and our public address."""
        self.database = database
        self._signin_url = signin_url.rstrip("/")
        self.nonces = nonces
        self._epoch_read_at = float("-inf")

    @classmethod
    async def open(cls, conninfo: str, *, nonce_key: bytes, signin_url: str) -> Self:
        """Connect as ``rempart_signin``; raises `UnavailableError`."""
        database = await Database.open(conninfo, application_name="rempart-signin")
        opened = cls(database, nonces=NonceClock(nonce_key), signin_url=signin_url)
        try:
            await opened.renew()
        except BaseException:
            await opened.close()
            raise
        return opened

    async def close(self) -> None:
        """Close the connections."""
        await self.database.close()

    async def renew(self) -> None:
        """Learn the database's epoch: after a restore no proof from before it is accepted."""
        if time.monotonic() - self._epoch_read_at > _EPOCH_KEPT_S:
            row = _one(await self.database.call("foundation.read_epoch"))
            self.nonces.begin(bytes(row["read_epoch"]))
            self._epoch_read_at = time.monotonic()

    async def check_proof(self, jwt: str, *, path: str, body: bytes) -> Proof:
        """Check the DPoP proof of a POST to one of our two paths; raises `ProofError`."""
        await self.renew()
        return check_proof(
            jwt,
            method="POST",
            url=self._signin_url + path,
            body=body,
            token=None,
            nonces=self.nonces,
        )

    async def create_token(
        self, assertion: str, proof: Proof, *, client_id: str | None = None
    ) -> MintedToken | TokenRefusal:
        """Mint a token for whoever signed both the assertion and the checked proof.

        `client_id` is what the form says beside the assertion, if anything; it must agree.
        """
        # 1 whose key
        try:
            claimed = claimed_client(assertion)
        except AssertionRefusedError:
            return TokenRefusal.CLIENT
        if client_id not in (None, claimed):
            return TokenRefusal.CLIENT
        known = await self.database.call("identity.installation_key", claimed)
        if len(known) != 1 or bytes(known[0]["jkt"]) != proof.jkt:
            return TokenRefusal.CLIENT
        # 2 his signature
        try:
            jti = check_assertion(
                assertion,
                client_id=claimed,
                public_jwk=known[0]["public_jwk"],
                audience=self._signin_url + TOKEN_PATH,
                now=time.time(),
            )
        except AssertionRefusedError:
            return TokenRefusal.CLIENT
        # 3 once, and mint: one transaction
        token = new_token()
        minted = _one(
            await self.database.call(
                "identity.mint_token",
                claimed,
                jti,
                proof.jti,
                proof.jkt,
                token_hash(token),
                LIVES,
            )
        )
        if minted["minted"] is not True:
            return _MINT_REFUSALS[minted["refused_because"]]
        return MintedToken(token, LIVES_S, minted["scope"])

    async def enrol_installation(self, code: str, proof: Proof) -> Enrolled | EnrolmentRefusal:
        """Make the key of a checked proof an installation's, against a one-time code."""
        hashed = code_hash(code)
        if hashed is None:
            return EnrolmentRefusal.CODE
        async with self.database.transaction() as transaction:
            row = _one(
                await transaction.call(
                    "identity.enrol_installation", hashed, proof.jkt, proof.public_jwk, proof.jti
                )
            )
            if row["refused_because"] is not None:
                return EnrolmentRefusal(row["refused_because"])
            # Without a budget of its own an installation is refused everything. An insurer's has
            # none: it asks about nobody.
            if row["insurer"] is None:
                await transaction.call("guard.set_caps_installation", row["installation_id"])
        return Enrolled(row["client_id"], row["site"], row["insurer"])


def _one(rows: list[Row]) -> Row:
    (row,) = rows
    return row
