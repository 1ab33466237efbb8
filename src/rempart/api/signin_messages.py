"""What sign-in's token endpoint is sent (as a form) and answers, for the documentation only.

The endpoint speaks OAuth (RFC 6749), not our own messages: api/token.py reads and writes it.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class TokenRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request for a token, as application/x-www-form-urlencoded."""

    grant_type: Literal["client_credentials"]
    client_assertion_type: Literal["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"]
    client_assertion: str


class TokenAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A token (RFC 6749, 5.1), bound to the key of the proof (RFC 9449, 5)."""

    access_token: Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{43}$")]
    token_type: Literal["DPoP"]
    expires_in: int
    scope: Literal["rights", "feeds", "claims"]


class TokenError(msgspec.Struct, frozen=True, kw_only=True):
    """A refusal (RFC 6749, 5.2)."""

    error: Literal[
        "invalid_request",
        "unsupported_grant_type",
        "invalid_client",
        "invalid_dpop_proof",
        "use_dpop_nonce",
        "slow_down",
    ]
    error_description: str
