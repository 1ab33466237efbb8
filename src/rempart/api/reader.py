"""The page that reads the OpenAPI document out: made once a language, served without script."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from starlette.requests import Request
from starlette.responses import Response

from rempart.api import examples
from rempart.api.parts import edge_parts
from rempart.api.problems import TABLE, language_of
from rempart.edge.headers import STYLED_PAGE_POLICY
from rempart.foundation.texts import Language, Texts
from rempart.rights import Outcome

_CLAIMS: Final = tuple(examples.PROOF_CLAIMS)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message, as the page tells it."""

    name: str
    kind: str
    form: str
    required: bool
    text: str


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent or answered: its fields, and examples as (title, JSON)."""

    media: str
    fields: list[Field]
    examples: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One address."""

    name: str
    method: str
    url: str
    path: str
    summary: str
    text: str
    who: str
    asked: Message | None
    answered: Message | None
    problems: list[str]


async def openapi(request: Request) -> Response:
    """Give the OpenAPI document, in the client's language."""
    language = language_of(request.scope)
    document = edge_parts(request).documents[language].openapi
    return _said(document, "application/json", language)


async def reader(request: Request) -> Response:
    """Give the page, in the client's language."""
    language = language_of(request.scope)
    page = _said(edge_parts(request).documents[language].reader, "text/html", language)
    page.headers["Content-Security-Policy"] = STYLED_PAGE_POLICY
    return page


async def reader_style(_request: Request) -> Response:
    """Give the page's style sheet."""
    return Response(_style(), media_type="text/css")


def _said(content: bytes, media: str, language: Language) -> Response:
    return Response(
        content,
        media_type=media,
        headers={"Content-Language": language.value, "Vary": "Accept-Language"},
    )


@cache
def _style() -> bytes:
    return files("rempart.api").joinpath("templates", "reader.css").read_bytes()


def render(document: Mapping[str, Any], say: Texts) -> bytes:
    """Write the page from an OpenAPI document that `openapi.build` made in the same language."""
    operations = list(_operations(document, say))
    page = _template().render(
        say=say,
        version=document["info"]["version"],
        main=[one for one in operations if _is_work(one)],
        probes=[one for one in operations if not _is_work(one)],
        claims=_CLAIMS,
        claims_example=_pretty(examples.PROOF_CLAIMS),
        outcomes=[outcome.value for outcome in Outcome],
        problems=TABLE.values(),
    )
    return page.encode()


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("rempart.api"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("reader.html")


def _is_work(operation: Operation) -> bool:
    """Whether software calls it to do its work, as opposed to look at the program."""
    return operation.asked is not None or operation.path.startswith("/v1/feeds/")


def _operations(document: Mapping[str, Any], say: Texts) -> Iterable[Operation]:
    for path, item in document["paths"].items():
        for method in (key for key in ("put", "get", "post") if key in item):
            operation = item[method]
            responses = operation["responses"]
            codes = _codes(responses)
            success = next(responses[code] for code in ("200", "201", "204") if code in responses)
            yield Operation(
                name=operation["operationId"],
                method=method.upper(),
                url=item["servers"][0]["url"] + path,
                path=path,
                summary=operation["summary"],
                text=operation["description"],
                who=operation["x-who-may"],
                asked=_message(document, operation.get("requestBody"), say),
                answered=_message(document, success, say),
                problems=[code for code in TABLE if code in codes],
            )


def _codes(responses: Mapping[str, Any]) -> set[str]:
    return {
        code
        for response in responses.values()
        for code in response.get("content", {})
        .get("application/problem+json", {})
        .get("examples", ())
    }


def _message(
    document: Mapping[str, Any], told: Mapping[str, Any] | None, say: Texts
) -> Message | None:
    if told is None or "content" not in told:
        return None
    media, content = next(iter(told["content"].items()))
    schema = _resolve(document, content["schema"])
    shown = [(key, one["value"]) for key, one in content.get("examples", {}).items()]
    if "example" in content:
        shown = [("", content["example"])]
    return Message(
        media,
        [_field(document, name, schema, say) for name in schema.get("properties", ())],
        [(title, _pretty(value)) for title, value in shown],
    )


def _resolve(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in schema:
        return schema
    found: Mapping[str, Any] = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def _field(document: Mapping[str, Any], name: str, schema: Mapping[str, Any], say: Texts) -> Field:
    told = schema["properties"][name]
    kinds = [_resolve(document, one) for one in told.get("anyOf", [told])]
    plain = next(one for one in kinds if one.get("type") != "null")
    words = [_kind(plain, say)]
    if len(kinds) > 1:
        words.append(say("reader.null"))
    return Field(
        name, " ".join(words), _form(plain, say), name in schema.get("required", ()),
        told["description"],
    )  # fmt: skip


def _kind(schema: Mapping[str, Any], say: Texts) -> str:
    if schema.get("format") == "date":
        return say("reader.type.date")
    return say(f"reader.type.{schema.get('type', 'string')}")


def _form(schema: Mapping[str, Any], say: Texts) -> str:
    """Say the limits of a field as an expert reads them: a pattern, a range, a list of values."""
    said = []
    if "enum" in schema:
        said.append(" ".join(map(str, schema["enum"])))
    if "pattern" in schema:
        said.append(schema["pattern"])
    if "maxLength" in schema:
        least = schema.get("minLength", 0)
        said.append(say("reader.characters", least=least, most=schema["maxLength"]))
    if "maximum" in schema:
        said.append(f"{schema['minimum']}–{schema['maximum']}")
    return ", ".join(said)


def _pretty(value: object) -> str:
    return json.dumps(msgspec.to_builtins(value), ensure_ascii=False, indent=2)
