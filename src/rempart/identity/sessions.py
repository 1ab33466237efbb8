"""The edge's side of sessions: who is behind a cookie, what is his to see, that he is there."""

from dataclasses import dataclass
from datetime import datetime

from rempart.foundation.database import Database


@dataclass(frozen=True, slots=True)
class Session:
    """A live session, and the account behind it. Instants are aware."""

    session_no: str
    rpps: str
    name: str
    profession: str
    site: str
    site_label: str
    is_administrator: bool
    began_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class LockedSession:
    """A live session whose owner was away for five minutes: all that the lock screen shows."""

    name: str
    site_label: str


@dataclass(frozen=True, slots=True)
class ListedSession:
    """One of an account's live sessions, as its owner is shown it."""

    session_no: str
    is_this: bool
    began_at: datetime
    used_at: datetime
    ends_at: datetime
    network: str
    device: str
    passkey: str
    is_locked: bool


@dataclass(frozen=True, slots=True)
class ListedPasskey:
    """One of an account's passkeys, as its owner is shown it."""

    passkey_no: str
    label: str
    is_synced: bool
    is_software: bool
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class ListedColleague:
    """A person of a site, as its administrator is shown him; active, invited or blocked."""

    rpps: str
    name: str
    profession: str
    is_administrator: bool
    is_me: bool
    state: str
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class ListedDevice:
    """A software of a site (live, revoked), or a code for one that nobody used yet (awaited).

    ``until``: when it was revoked, or when the code ends. A code has no ``client_id``.
    """

    client_id: str | None
    vendor: str
    state: str
    accounts: int
    since: datetime
    last_used: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class DemonstrationAccount:
    """The account that a step of a demonstration is for."""

    rpps: str
    site: str
    profession: str


class Sessions:
    """What the edge's handlers call about sessions; it can mint none and end none."""

    def __init__(self, database: Database) -> None:
        """Take a database as ``rempart_edge``."""
        self._database = database

    async def find(self, token: str, jkt: bytes | None) -> Session | None:
        """Return the live session behind a cookie; with `jkt`, only if that key is its own.

        A locked one is not found: whoever wants to tell it from none asks `find_locked` next.
        """
        rows = await self._database.call("identity.find_session", token, jkt)
        if len(rows) != 1:
            return None
        row = rows[0]
        return Session(
            session_no=str(row["session_no"]),
            rpps=row["rpps"],
            name=row["name"],
            profession=row["profession"],
            site=row["site"],
            site_label=row["site_label"],
            is_administrator=row["is_administrator"],
            began_at=row["began_at"],
            ends_at=row["ends_at"],
        )

    async def find_locked(self, token: str, jkt: bytes | None) -> LockedSession | None:
        """Return the session behind a cookie if it is live and locked; `jkt` as in `find`."""
        rows = await self._database.call("identity.find_locked", token, jkt)
        return LockedSession(**rows[0]) if len(rows) == 1 else None

    async def use(self, token: str, jkt: bytes, network: str) -> bool:
        """Note a proved use: the session goes on for 30 minutes. False: over, or locked."""
        (row,) = await self._database.call("identity.use_session", token, jkt, network)
        return row["use_session"] is True

    async def in_demonstration(
        self, token: str, jkt: bytes, proof_jti: str
    ) -> DemonstrationAccount | str:
        """Use a proof up for a step that only a demonstration has; the account, or a refusal."""
        (row,) = await self._database.call("identity.in_demonstration", token, jkt, proof_jti)
        if row["refused_because"] is not None:
            return str(row["refused_because"])
        return DemonstrationAccount(row["rpps"], row["site"], row["profession"])

    async def sessions(self, token: str) -> list[ListedSession]:
        """List the account's live sessions, the latest used first."""
        rows = await self._database.call("identity.list_sessions", token)
        return [ListedSession(**row | {"session_no": str(row["session_no"])}) for row in rows]

    async def passkeys(self, token: str) -> list[ListedPasskey]:
        """List the account's passkeys, the oldest first."""
        rows = await self._database.call("identity.list_passkeys", token)
        return [ListedPasskey(**row | {"passkey_no": str(row["passkey_no"])}) for row in rows]

    async def domains(self, token: str) -> set[str]:
        """Return the domains that the account's profession may ask about; none for nobody."""
        rows = await self._database.call("identity.list_domains", token)
        return {str(row["domain"]) for row in rows}

    async def colleagues(self, token: str) -> list[ListedColleague]:
        """List the people of an administrator's site, by name; nobody for anybody else."""
        rows = await self._database.call("identity.list_colleagues", token)
        return [ListedColleague(**row) for row in rows]

    async def devices(self, token: str) -> list[ListedDevice]:
        """List the software of an administrator's site; nothing for anybody else."""
        rows = await self._database.call("identity.list_devices", token)
        return [ListedDevice(**row) for row in rows]
