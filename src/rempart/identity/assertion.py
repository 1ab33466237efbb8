"""Checks the signed assertion with which an installation signs in (RFC 7523), by joserfc."""

from typing import Annotated, Final

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from rempart.identity.compact import MalformedError, take_apart
from rempart.identity.dpop import JwtId

LIVES_AT_MOST_S: Final = 600
"""Between `iat` and `exp`: an assertion is made to be used at once."""

CLOCK_TOLERANCE_S: Final = 86_400
"""How wrong a workstation's clock may be, either way.

The assertion alone opens nothing: the DPoP proof beside it is signed by the same key, carries our
nonce (so it is fresh by our clock) and covers the body that the assertion is in.
"""

_TYPES: Final = (None, "JWT", "jwt", "client-authentication+jwt")
_ClientId = Annotated[str, msgspec.Meta(pattern=r"\A[!-~]{1,64}\Z")]
_Seconds = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class AssertionRefusedError(Exception):
    """An assertion that shows nothing. Why is not said, to the caller or in a log."""


class _Header(msgspec.Struct, forbid_unknown_fields=True):
    alg: str
    typ: str | None = None
    kid: str | None = None
    """Accepted because many libraries write one; never read."""


class _Claims(msgspec.Struct, forbid_unknown_fields=True):
    iss: _ClientId
    sub: _ClientId
    aud: str | list[str]
    jti: JwtId
    exp: _Seconds
    iat: _Seconds | None = None
    nbf: _Seconds | None = None


def claimed_client(assertion: str) -> str:
    """Return the client that an assertion says it is from, nothing verified: to look its key up."""
    try:
        parts = take_apart(assertion)
        header = msgspec.convert(parts.header, _Header)
        claims = msgspec.convert(parts.claims, _Claims)
    except (MalformedError, msgspec.ValidationError):
        raise AssertionRefusedError from None
    if header.alg != "ES256" or header.typ not in _TYPES or claims.iss != claims.sub:
        raise AssertionRefusedError
    return claims.sub


def check_assertion(
    assertion: str, *, client_id: str, public_jwk: str, audience: str, now: float
) -> str:
    """Verify an assertion of `client_id` with its key from the database; returns its `jti`.

    The algorithm is ours and the key is ours: nothing in the token chooses either. `audience` is
    our token endpoint's public address. Raises `AssertionRefusedError`.
    """
    claimed_client(assertion)  # one spelling, known members: also of what joserfc reads below
    try:
        key = ECKey.import_key(msgspec.json.decode(public_jwk, type=dict[str, str | list[str]]))
        token = jwt.decode(assertion, key, algorithms=["ES256"])
        claims = msgspec.convert(token.claims, _Claims)
    except (JoseError, msgspec.ValidationError):
        raise AssertionRefusedError from None
    if not client_id == claims.iss == claims.sub:
        raise AssertionRefusedError
    if claims.aud not in (audience, [audience]):
        raise AssertionRefusedError
    _check_times(claims, now)
    return claims.jti


def _check_times(claims: _Claims, now: float) -> None:
    earliest, latest = now - CLOCK_TOLERANCE_S, now + CLOCK_TOLERANCE_S + LIVES_AT_MOST_S
    if not earliest <= claims.exp <= latest:
        raise AssertionRefusedError
    if claims.iat is not None and not 0 < claims.exp - claims.iat <= LIVES_AT_MOST_S:
        raise AssertionRefusedError
    if claims.nbf is not None and claims.nbf >= claims.exp:
        raise AssertionRefusedError
