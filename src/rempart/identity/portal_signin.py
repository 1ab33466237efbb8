"""The sign-in process's work for people: passkeys, sessions. It alone mints, and cannot ask."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rempart.foundation.database import Database, Row
from rempart.identity.ceremonies import (
    CHALLENGE_BYTES,
    CeremonyError,
    Claimed,
    RelyingParty,
    Touch,
    claimed,
)
from rempart.identity.compact import encode
from rempart.identity.dpop import Proof
from rempart.identity.invitations import hashes_of
from rempart.identity.portal_refusal import PortalRefusal, refusal
from rempart.identity.tokens import new_token, token_hash

ADDRESSES = "/v1/signin/"
"""Where everything lies that this process does for the portal: one prefix for a reverse proxy."""


@dataclass(frozen=True, slots=True)
class Proved:
    """A session's cookie and the checked proof of one request: what a dangerous step is done by."""

    token: str
    jkt: bytes
    jti: str


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session, its token told once: to the browser's cookie, never to its scripts."""

    token: str
    ends_at: datetime

    @property
    def ath(self) -> str:
        """What proofs name the token by (RFC 9449, 4.2), so that a script needs not know it."""
        return encode(token_hash(self.token))


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a sign-in comes from: shown to the account's owner, and to nobody else."""

    network: str
    device: str
    replaces: str | None
    """The token that the same browser held, if any: it ends."""


class PortalSignIn:
    """What the handlers of the sign-in process call for people. Refusals are returned."""

    def __init__(self, database: Database, origin: str, letters: Path) -> None:
        """Take a database as ``rempart_signin``, the portal's origin, and the print queue."""
        self.database = database
        self.letters = letters
        self._party = RelyingParty(origin)

    async def begin_sign_in(self) -> dict[str, Any]:
        """Begin a sign-in: what the browser is to ask of any passkey of ours."""
        challenge = secrets.token_bytes(CHALLENGE_BYTES)
        await self.database.call("identity.open_challenge", challenge)
        return self._party.to_touch(challenge=challenge)

    async def sign_in(
        self, credential: str, proof: Proof, caller: Caller
    ) -> OpenedSession | PortalRefusal:
        """Give the browser to whoever touched a passkey: his session there goes on, or begins."""
        # 1 which passkey, and is it he
        touched = await self._touched(credential)
        if touched is None:
            return PortalRefusal.PASSKEY
        said, touch = touched
        # 2 once, and mint: one transaction
        token = new_token()
        async with self.database.transaction() as transaction:
            row = _one(
                await transaction.call(
                    "identity.mint_session",
                    said.credential_id,
                    said.challenge,
                    touch.sign_count,
                    touch.is_synced,
                    proof.jkt,
                    proof.public_jwk,
                    proof.jti,
                    token_hash(token),
                    caller.replaces,
                    caller.network,
                    caller.device,
                )
            )
            if row["is_new_browser"]:
                # Without a budget of its own a browser is refused everything.
                await transaction.call("guard.set_caps_installation", row["installation_id"])
        return refusal(row) or OpenedSession(token, row["ends_at"])

    async def begin_enrolment(self, link: str, second: str) -> dict[str, Any] | PortalRefusal:
        """Begin a first passkey for whoever holds an invitation's two codes."""
        hashes = hashes_of(link, second)
        if hashes is None:
            return PortalRefusal.INVITATION
        challenge = secrets.token_bytes(CHALLENGE_BYTES)
        row = _one(await self.database.call("identity.begin_enrolment", *hashes, challenge))
        return refusal(row) or self._to_make(row, challenge)

    async def enrol_passkey(
        self, link: str, second: str, credential: str, label: str
    ) -> PortalRefusal | None:
        """Keep a first passkey; the invitation is used up."""
        hashes = hashes_of(link, second)
        if hashes is None:
            return PortalRefusal.INVITATION
        made = self._made(credential)
        if made is None:
            return PortalRefusal.PASSKEY
        async with self.database.transaction() as transaction:
            row = _one(await transaction.call("identity.enrol_passkey", *hashes, *made, label))
            if row["purpose"] == "recovery":
                # Whoever came back by a code on paper asks at a tenth for a week.
                await transaction.call("guard.recover_caps", row["account_id"])
        return refusal(row)

    async def begin_another_passkey(self, proved: Proved) -> dict[str, Any] | PortalRefusal:
        """Begin one more passkey of one's own."""
        challenge = secrets.token_bytes(CHALLENGE_BYTES)
        row = _one(
            await self.database.call(
                "identity.begin_another_passkey", proved.token, proved.jkt, proved.jti, challenge
            )
        )
        return refusal(row) or self._to_make(row, challenge)

    async def add_passkey(
        self, proved: Proved, credential: str, label: str
    ) -> PortalRefusal | None:
        """Keep one more passkey of one's own."""
        made = self._made(credential)
        if made is None:
            return PortalRefusal.PASSKEY
        row = await self.database.call(
            "identity.add_passkey", proved.token, proved.jkt, proved.jti, *made, label
        )
        return refusal(_one(row))

    async def revoke_passkey(self, proved: Proved, passkey: str) -> PortalRefusal | None:
        """Revoke a passkey of one's own, and end the sessions that it opened."""
        row = await self.database.call(
            "identity.revoke_passkey", proved.token, proved.jkt, proved.jti, passkey
        )
        return refusal(_one(row))

    async def close_session(self, proved: Proved, session: str | None) -> PortalRefusal | None:
        """End a session of one's own: this one, or the one named."""
        row = await self.database.call(
            "identity.close_session", proved.token, proved.jkt, proved.jti, session
        )
        return refusal(_one(row))

    async def lock_session(self, proved: Proved) -> PortalRefusal | None:
        """Lock this session: it asks nothing until its owner touches a passkey again."""
        row = await self.database.call(
            "identity.lock_session", proved.token, proved.jkt, proved.jti
        )
        return refusal(_one(row))

    async def begin_touch(self, proved: Proved, digest: bytes) -> dict[str, Any] | PortalRefusal:
        """Begin a touch of one's own passkey for one question; ``digest`` has 32 bytes."""
        challenge = secrets.token_bytes(CHALLENGE_BYTES)
        row = _one(
            await self.database.call(
                "identity.begin_touch", proved.token, proved.jkt, proved.jti, digest, challenge
            )
        )
        return refusal(row) or self._party.to_touch(
            challenge=challenge, known=[bytes(one) for one in row["credential_ids"]]
        )

    async def touch(self, proved: Proved, credential: str) -> datetime | PortalRefusal:
        """Verify that touch; until when the question may be asked."""
        touched = await self._touched(credential, is_named=True)
        if touched is None:
            return PortalRefusal.PASSKEY
        said, touch = touched
        row = _one(
            await self.database.call(
                "identity.note_touch",
                *(proved.token, proved.jkt, proved.jti),
                *(said.credential_id, said.challenge, touch.sign_count, touch.is_synced),
            )
        )
        until: datetime = row["expires_at"]
        return refusal(row) or until

    async def _touched(
        self, credential: str, *, is_named: bool = False
    ) -> tuple[Claimed, Touch] | None:
        """Verify a touch with the key on record; None when it shows nothing.

        ``is_named``: the passkeys that may be touched were named, so an authenticator may leave
        out whose it is (WebAuthn 6.3.3); the session says so.
        """
        try:
            said = claimed(credential)
            known = await self.database.call("identity.passkey_for", said.credential_id)
            if len(known) != 1:
                return None
            handles = {bytes(known[0]["user_handle"]), *([None] if is_named else [])}
            if said.user_handle not in handles:
                return None
            return said, self._party.check_touched(
                credential,
                said.challenge,
                public_key=bytes(known[0]["public_key"]),
                sign_count=known[0]["sign_count"],
            )
        except CeremonyError:
            return None

    def _to_make(self, row: Row, challenge: bytes) -> dict[str, Any]:
        return self._party.to_make(
            challenge=challenge,
            handle=bytes(row["user_handle"]),
            name=row["name"],
            place=row["site_label"],
            known=[bytes(one) for one in row["credential_ids"]],
        )

    def _made(self, credential: str) -> tuple[bytes, bytes, bytes, int, bool, bool] | None:
        """Verify a new passkey; challenge, id, key, counter, is it synced, is it software."""
        try:
            challenge = claimed(credential).challenge
            made = self._party.check_made(credential, challenge)
        except CeremonyError:
            return None
        return (
            challenge,
            made.credential_id,
            made.public_key,
            made.sign_count,
            made.is_synced,
            made.is_software,
        )


def _one(rows: list[Row]) -> Row:
    (row,) = rows
    return row
