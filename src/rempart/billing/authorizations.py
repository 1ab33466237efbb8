"""Prises en charge after they were given (by a quote): what became of one, and its cancellation."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from rempart.billing.claims import CLAIMING, Claimant, NotHeard, hidden
from rempart.billing.number import read_engagement_number
from rempart.foundation.database import Database


class AuthorizationRefusal(StrEnum):
    """Everything for which one may not be read, cancelled or amended."""

    AUTHORIZATION_UNKNOWN = "authorization_unknown"
    AUTHORIZATION_CLAIMED = "authorization_claimed"


@dataclass(frozen=True, slots=True)
class Authorization:
    """A prise en charge as it stands: standing, claimed, cancelled, replaced or expired.

    Amounts in cents, a line each in the quote's order; None once they are erased (docs/purge.md).
    """

    state: str
    amount_cents: int | None
    given_at: datetime
    expires_on: date
    line_cents: tuple[int, ...] | None


class Authorizations:
    """Reads and cancels prises en charge for one edge process, as rempart_edge."""

    def __init__(self, database: Database, hiding_key: bytes) -> None:
        """Take the database, and the key that hides what a software chooses itself."""
        self._database = database
        self._key = hiding_key

    async def read(
        self, who: Claimant, number: str
    ) -> Authorization | AuthorizationRefusal | NotHeard:
        """Return one of one's own site; `BadInputError` for a number that can't be one."""
        return await self._call("billing.read_authorization", who, number)

    async def cancel(
        self, who: Claimant, number: str
    ) -> Authorization | AuthorizationRefusal | NotHeard:
        """Cancel one of one's own site that nothing is claimed of; `BadInputError` likewise."""
        return await self._call("billing.cancel_authorization", who, number)

    async def _call(
        self, function: str, who: Claimant, number: str
    ) -> Authorization | AuthorizationRefusal | NotHeard:
        plain = read_engagement_number(number, "authorization")
        jti = hidden(self._key, CLAIMING, who.proof_jti)
        (row,) = await self._database.call(
            function, who.token, who.jkt, jti, hashlib.sha256(plain.encode()).digest()
        )
        because = row["refused_because"]
        if because in tuple(NotHeard):
            return NotHeard(because)
        if because is not None:
            return AuthorizationRefusal(because)
        return Authorization(
            row["state"],
            row["amount_cents"],
            row["given_at"],
            row["expires_on"],
            row["amounts"] and tuple(row["amounts"]),
        )
