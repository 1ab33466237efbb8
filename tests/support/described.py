"""Requests made from our own description of the interface, and what each answer is held to."""

import json
from collections.abc import Callable
from typing import Any

import requests
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.specs.openapi.schemas import OpenApiSchema

from rempart.foundation.settings import Settings
from rempart.foundation.texts import Language
from rempart.published import documents

Case = schemathesis.Case[Any]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
_SENT = {"method", "url", "headers", "params", "data", "json", "cookies", "files"}


def described(examples: int) -> OpenApiSchema:
    """Read the description that is published; so many examples of each operation and kind."""
    config = {"generation": {"max-examples": examples, "deterministic": True}}
    return schemathesis.openapi.from_dict(
        json.loads(documents(Settings.load({}))[Language.ENGLISH].openapi),
        config=schemathesis.Config.from_dict(config),
    )


def sent(
    case: Case, origin: str, prove: Callable[[requests.PreparedRequest], None] | None
) -> requests.Response:
    """Send a case to an origin, proved unless a header of it is malformed on purpose."""
    kwargs = case.as_transport_kwargs(base_url=origin)
    request = requests.Request(**{k: v for k, v in kwargs.items() if k in _SENT}).prepare()
    malformed = case.meta is not None and case.meta.is_negative_at(ParameterLocation.HEADER)
    if prove is not None and not malformed:
        prove(request)
    with requests.Session() as session:
        session.trust_env = False
        return session.send(request, timeout=30, allow_redirects=False)


def body_of(request: requests.PreparedRequest) -> bytes:
    """Return the bytes that a proof has to cover."""
    raw = request.body or b""
    return raw if isinstance(raw, bytes) else str(raw).encode()
