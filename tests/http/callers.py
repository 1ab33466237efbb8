"""Whoever calls an address: all that he has to show; and how an insurer's software gets it."""

from dataclasses import dataclass, field, replace

from rempart.identity import ClientKey
from tests.http.platform import RPPS, Platform


@dataclass
class Caller:
    """Somebody who calls: all that he has."""

    key: ClientKey = field(default_factory=ClientKey.generate)
    token: str | None = None
    client_id: str = "inst_" + "0" * 32
    rpps: str = RPPS


async def insurers(platform: Platform, code: str, scope: str) -> Caller:
    """Enrol an insurer's software, and mint it a token."""
    theirs = replace(platform, key=ClientKey.generate())
    enrolled = await theirs.enrol(code)
    assert enrolled.status_code == 201, enrolled.text
    theirs.client_id = enrolled.json()["client_id"]
    minted = (await theirs.mint()).json()
    assert minted["scope"] == scope
    return Caller(theirs.key, minted["access_token"], theirs.client_id)
