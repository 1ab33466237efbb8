"""Makes the OpenAPI 3.1 document from the URL table, the wire types and the table of problems."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

import msgspec

from rempart.api import examples
from rempart.api.feed_messages import FEED_MEDIA
from rempart.api.problems import DOCS_PATH, MEDIA_TYPE, TABLE, ProblemBody
from rempart.api.signin_messages import TokenError
from rempart.foundation.texts import Texts

Json = dict[str, Any]

_REF: Final = "#/components/schemas/{name}"
_FORM: Final = "application/x-www-form-urlencoded"
_ANYWHERE: Final = ("wrong_host", "hung_up", "fault", "unavailable")
_PROVED: Final = frozenset({"installation", "insurer", "assertion", "enrolment_code"})
_WITH_TOKEN: Final = frozenset({"installation", "insurer"})


class Guarded(Protocol):
    """A handler's guard, as far as the document tells it."""

    @property
    def who(self) -> str: ...


class Described(Protocol):
    """A row of the URL table, as far as the document tells it."""

    @property
    def process(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def guarded(self) -> Guarded: ...
    @property
    def asks(self) -> Any: ...  # noqa: ANN401 - a type, as typing has it
    @property
    def answers(self) -> Any: ...  # noqa: ANN401 - a type, as typing has it
    @property
    def problems(self) -> tuple[str, ...]: ...


def build(
    routes: Sequence[Described], say: Texts, *, servers: Mapping[str, str], version: str
) -> Json:
    """Return the document in one language. `servers` gives each process's public address."""
    paths: Json = {}
    for route in routes:
        told = paths.setdefault(route.path, {"servers": [{"url": servers[route.process]}]})
        # A probe that several processes answer is told once.
        if route.method.lower() not in told:
            told[route.method.lower()] = _operation(route, say)
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": say("reader.title"),
            "summary": say("reader.lead"),
            "version": version,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "externalDocs": {"url": servers["edge"] + DOCS_PATH},
        "servers": [{"url": servers["edge"]}],
        "paths": paths,
        "components": {
            "schemas": _schemas(routes, say),
            "securitySchemes": {
                "dpop": {"type": "http", "scheme": "DPoP", "description": say("reader.proof.text")}
            },
        },
    }


def _schemas(routes: Sequence[Described], say: Texts) -> Json:
    types: list[Any] = [ProblemBody, TokenError, *_types(routes)]
    _, components = msgspec.json.schema_components(types, ref_template=_REF)
    schemas: Json = {}
    for name, schema in sorted(components.items()):
        public = "Problem" if name == "ProblemBody" else name
        schemas[public] = {**schema, "title": public, "description": say(f"schema.{public}")}
        for field, described in schema.get("properties", {}).items():
            described["description"] = say(f"schema.{public}.{field}")
    return schemas


def _types(routes: Iterable[Described]) -> Iterable[Any]:
    for route in routes:
        yield from (one for one in (route.asks, route.answers) if one is not None)


def _operation(route: Described, say: Texts) -> Json:
    operation: Json = {
        "operationId": route.name,
        "summary": say(f"route.{route.name}.summary"),
        "description": say(f"route.{route.name}.description"),
        "x-who-may": say(f"who.{route.guarded.who}"),
    }
    parameters = list(_parameters(route, say))
    if parameters:
        operation["parameters"] = parameters
    if route.guarded.who in _WITH_TOKEN:
        operation["security"] = [{"dpop": []}]
    if route.asks is not None:
        operation["requestBody"] = {"required": True, "content": _asked(route)}
    if route.name == "send_feed":
        operation["requestBody"] = {
            "required": True,
            "description": say("reader.feed.part"),
            "content": {FEED_MEDIA: {"schema": {"type": "string", "format": "binary"}}},
        }
    operation["responses"] = _responses(route, say)
    return operation


def _feed_parameters(route: Described, say: Texts) -> Iterable[Json]:
    if "{feed_id}" in route.path:
        yield {
            "name": "feed_id",
            "in": "path",
            "required": True,
            "description": say("reader.feed.id"),
            "schema": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"},
        }
    if route.name == "send_feed":
        for name, required, example in (
            ("Content-Range", False, "bytes 4194304-8388607/150000211"),
            ("Repr-Digest", True, "sha-256=:Hy6tR0wPz3mVb8kQd1xUj5nCf9sEa2gLo7iTqWcYvKs=:"),
        ):
            yield {
                "name": name,
                "in": "header",
                "required": required,
                "description": say(f"reader.feed.{name.lower()}"),
                "schema": {"type": "string"},
                "example": example,
            }


def _parameters(route: Described, say: Texts) -> Iterable[Json]:
    yield from _feed_parameters(route, say)
    for name, pattern in (("claim", "^[0-9a-f]{32}$"), ("remittance", "^RP[0-9a-f]{32}$")):
        if f"{{{name}}}" in route.path:
            yield {
                "name": name,
                "in": "path",
                "required": True,
                "description": say(f"reader.{name}.id"),
                "schema": {"type": "string", "pattern": pattern},
            }
    if route.guarded.who in _PROVED:
        yield {
            "name": "DPoP",
            "in": "header",
            "required": True,
            "description": say("reader.proof.text"),
            "schema": {"type": "string", "maxLength": 4096},
        }
    if route.path.startswith("/v1/"):
        yield {
            "name": "Accept-Language",
            "in": "header",
            "required": False,
            "description": say("reader.language"),
            "schema": {"type": "string"},
            "example": say.language.value,
        }


_ASKED: Final[Mapping[str, Mapping[str, object]]] = {
    "RightsQuestion": examples.QUESTION,
    "EnrolmentRequest": examples.ENROLMENT_REQUEST,
    "TokenRequest": examples.TOKEN_REQUEST,
    "ClaimRequest": examples.CLAIM_REQUEST,
    "QuoteRequest": examples.QUOTE,
    "AuthorizationRequest": examples.AUTHORIZATION_REQUEST,
    "ReceivedClaimsRequest": examples.RECEIVED_REQUEST,
    "AnswersRequest": examples.ANSWERS_REQUEST,
}
_ANSWERED: Final[Mapping[str, Mapping[str, Mapping[str, object]]]] = {
    "RightsAnswer": examples.ANSWERS,
    "Enrolment": {"enrolled": examples.ENROLMENT},
    "TokenAnswer": {"token": examples.TOKEN},
    "Alive": {"alive": {"alive": True}},
    "Ready": {"ready": examples.READY},
    "FeedReport": examples.FEED_REPORTS,
    "ClaimAnswer": {"accepted": examples.CLAIM},
    "RemittancesAnswer": {"last": examples.REMITTANCES},
    "RemittanceNotice": {"paid": examples.NOTICE},
    "QuoteAnswer": examples.QUOTE_ANSWERS,
    "AuthorizationAnswer": {"standing": examples.AUTHORIZATION},
    "ReceivedClaims": {"waiting": examples.RECEIVED},
    "ReceivedClaim": {"rejected": examples.RECEIVED_CLAIM},
    "AnswersTaken": {"answered": examples.ANSWERS_TAKEN},
    "ReceiptKeys": {"receipt_keys": examples.RECEIPT_KEYS},
}


def _asked(route: Described) -> Json:
    name = route.asks.__name__
    media = _FORM if name == "TokenRequest" else "application/json"
    return {media: {"schema": {"$ref": _REF.format(name=name)}, "example": _ASKED[name]}}


def _responses(route: Described, say: Texts) -> Json:
    success = {"enrol_installation": "201", "confirm_feed": "204"}.get(route.name, "200")
    responses: Json = {success: _answered(route, say)}
    if route.name == "create_token":
        responses["4XX"] = _oauth_refusal(say)
    if route.name == "readyz":
        responses["503"] = {**_answered(route, say), "description": say("reader.red")}
    by_status: dict[int, list[str]] = {}
    for code in sorted({*route.problems, *_ANYWHERE}):
        by_status.setdefault(TABLE[code].status, []).append(code)
    for status, codes in sorted(by_status.items()):
        # One that the route answers in a shape of its own (readyz, 503) stays as it is.
        responses.setdefault(str(status), _problems(status, codes, say))
    if route.name == "create_token":
        # OAuth's own refusals and a request that nobody could read share this status.
        responses["400"]["content"] |= _oauth_refusal(say)["content"]
    return dict(sorted(responses.items()))


def _answered(route: Described, say: Texts) -> Json:
    answer: Json = {
        "description": say(f"route.{route.name}.summary"),
        "headers": _headers(route),
    }
    if route.answers is not None:
        name = route.answers.__name__
        answer["content"] = {
            "application/json": {
                "schema": {"$ref": _REF.format(name=name)},
                "examples": {key: {"value": value} for key, value in _ANSWERED[name].items()},
            }
        }
    return answer


def _headers(route: Described) -> Json:
    text: Json = {"schema": {"type": "string"}}
    names = ["X-Request-Id", *(["DPoP-Nonce"] if route.guarded.who in _PROVED else [])]
    return dict.fromkeys(names, text)


def _oauth_refusal(say: Texts) -> Json:
    return {
        "description": say("schema.TokenError"),
        "content": {"application/json": {"schema": {"$ref": _REF.format(name="TokenError")}}},
    }


def _problems(status: int, codes: Iterable[str], say: Texts) -> Json:
    told = {code: {"value": example(code, status, say)} for code in codes}
    return {
        "description": ", ".join(told),
        "content": {
            MEDIA_TYPE: {"schema": {"$ref": _REF.format(name="Problem")}, "examples": told}
        },
    }


def example(code: str, status: int, say: Texts) -> Json:
    """Return what a problem looks like."""
    return {
        "type": f"{DOCS_PATH}#{TABLE[code].anchor}",
        "title": say(f"problem.{code}.title"),
        "status": status,
        "code": code,
        "field": examples.FIELDS.get(code) if TABLE[code].names_field else None,
        "detail": say(f"problem.{code}.detail"),
        "request_id": "8d3f0a5c71e9b264",
    }
