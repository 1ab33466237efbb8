"""What the interface says of itself is whole, true, and readable without a script."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from rempart.api import examples, rights_messages
from rempart.api.errors_page import render_page
from rempart.api.problems import TABLE
from rempart.api.quote_messages import QuoteAnswer, QuoteRequest
from rempart.api.rights_messages import RightsAnswer, RightsQuestion
from rempart.foundation.settings import Settings
from rempart.foundation.texts import Language, texts
from rempart.published import documents
from rempart.rights import DOMAINS, EVIDENCE, Outcome, RefusedBecause
from rempart.routes import PUBLISHED
from rempart.routes import TABLE as ROUTES
from tests.http.platform import Platform

ROOT = Path(__file__).parents[2]
MADE = documents(Settings.load({}))


@pytest.fixture(params=list(Language))
def language(request: pytest.FixtureRequest) -> Language:
    found: Language = request.param
    return found


def parts(value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from parts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from parts(inner)


def test_both_languages_have_the_same_texts() -> None:
    french, english = (texts(one).entries for one in (Language.FRENCH, Language.ENGLISH))
    assert french.keys() == english.keys()
    holes = re.compile(r"\{\w+\}")
    assert [
        k for k in french if set(holes.findall(french[k])) != set(holes.findall(english[k]))
    ] == []


def test_every_problem_outcome_and_route_has_its_texts(language: Language) -> None:
    say = texts(language)
    for code in TABLE:
        assert all(say(f"problem.{code}.{part}") for part in ("title", "detail", "remedy"))
    for outcome in Outcome:
        assert all(say(f"outcome.{outcome}.{part}") for part in ("title", "detail"))
    for row in ROUTES:
        told = ("summary",) if row.for_portal else ("summary", "description")
        assert all(say(f"route.{row.name}.{part}") for part in told)


def test_no_text_is_left_over() -> None:
    """A text whose problem, outcome, route or guard has gone is dead weight for translators."""
    known = {f"problem.{c}" for c in TABLE} | {f"outcome.{o}" for o in Outcome}
    known |= {f"route.{r.name}" for r in ROUTES} | {f"who.{r.guarded.who}" for r in ROUTES}
    for key in texts(Language.FRENCH).entries:
        if key.split(".")[0] in {"problem", "outcome", "route", "who"}:
            assert ".".join(key.split(".")[:2]) in known, key


def test_every_refusal_is_a_problem() -> None:
    assert [one for one in RefusedBecause if one.value not in TABLE] == []


def test_the_wire_speaks_of_the_same_domains_and_evidence() -> None:
    assert get_args(rights_messages.Domain) == DOMAINS
    assert get_args(rights_messages.Evidence) == EVIDENCE


def test_the_errors_page_is_what_the_table_says() -> None:
    # If not, write it anew: what `render_page` returns is the whole file.
    assert (ROOT / "docs" / "errors.md").read_text(encoding="utf-8") == render_page()


def test_the_api_page_names_every_address_and_field() -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    names = [row.path for row in ROUTES if not row.for_portal]
    for wire in (RightsQuestion, RightsAnswer, rights_messages.Receipt, rights_messages.SignedLeaf):
        names += [field.encode_name for field in msgspec.structs.fields(wire)]
    assert [name for name in names if f"`{name}`" not in page] == []


def test_the_examples_are_good_ones() -> None:
    msgspec.convert(examples.QUESTION, RightsQuestion, strict=True)
    msgspec.convert(examples.QUOTE, QuoteRequest, strict=True)
    assert set(examples.ANSWERS) | set(examples.QUOTE_ANSWERS) == set(Outcome)
    for outcome, answer in examples.QUOTE_ANSWERS.items():
        quoted = msgspec.convert(answer, QuoteAnswer, strict=True)
        assert quoted.outcome == outcome
        assert list(answer) == [field.name for field in msgspec.structs.fields(QuoteAnswer)]
    for outcome, answer in examples.ANSWERS.items():
        told = msgspec.convert(answer, RightsAnswer, strict=True)
        assert told.outcome == outcome
        assert list(answer) == [field.name for field in msgspec.structs.fields(RightsAnswer)]


def test_the_openapi_document_has_its_shape(language: Language) -> None:
    document = json.loads(MADE[language].openapi)
    assert document["openapi"] == "3.1.0"
    assert document["info"].keys() >= {"title", "version"}
    assert set(document["paths"]) == {row.path for row in PUBLISHED}
    ids = []
    for path, item in document["paths"].items():
        assert path.startswith("/")
        methods = item.keys() - {"servers"}
        assert methods == {row.method.lower() for row in ROUTES if row.path == path}
        for method in methods:
            operation = item[method]
            ids.append(operation["operationId"])
            assert operation["responses"]
            for status, response in operation["responses"].items():
                assert re.fullmatch(r"[1-5](\d\d|XX)", status)
                assert response["description"]
            sends = method == "put" or (
                method == "post" and not path.endswith(("/confirmation", "/cancellation"))
            )
            assert ("requestBody" in operation) == sends
            for scheme in operation.get("security", []):
                assert scheme.keys() <= document["components"]["securitySchemes"].keys()
    assert len(ids) == len(set(ids))


def test_every_reference_leads_somewhere_and_every_field_is_explained(language: Language) -> None:
    document = json.loads(MADE[language].openapi)
    schemas = document["components"]["schemas"]
    referred = {part["$ref"] for part in parts(document) if "$ref" in part}
    assert {ref.removeprefix("#/components/schemas/") for ref in referred} <= schemas.keys()
    assert not any("ProblemBody" in json.dumps(part) for part in schemas.values())
    for schema in schemas.values():
        assert schema["description"]
        for field in schema.get("properties", {}).values():
            assert field["description"]


def test_no_field_of_a_question_may_be_added() -> None:
    schema = json.loads(MADE[Language.FRENCH].openapi)["components"]["schemas"]["RightsQuestion"]
    assert schema["additionalProperties"] is False
    optional = schema["properties"].keys() - set(schema["required"])
    assert optional == {"birth_rank", "card_secret"}


def test_the_page_has_no_script_and_loads_its_own_style_only(language: Language) -> None:
    page = MADE[language].reader.decode()
    assert f'<html lang="{language}">' in page
    for forbidden in ("<script", "<style", " style=", "javascript:", "<img", "<iframe", " onclick"):
        assert forbidden not in page
    assert re.findall(r'<link [^>]*href="([^"]+)"', page) == ["/v1/docs/style.css"]
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)
    assert {row.anchor for row in TABLE.values()} <= set(ids)


@pytest.mark.anyio
async def test_the_documents_are_served_in_the_clients_language(platform: Platform) -> None:
    page = await platform.edge.get("/v1/docs", headers={"Accept-Language": "en"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-language"] == "en"
    policy = page.headers["content-security-policy"]
    assert policy.endswith("; style-src 'self'")
    assert "'none'" in policy
    assert "unsafe" not in policy
    assert (await platform.edge.get("/v1/docs")).headers["content-language"] == "fr"
    style = await platform.edge.get("/v1/docs/style.css")
    assert style.headers["content-type"].startswith("text/css")
    assert "http" not in style.text
    document = await platform.edge.get("/v1/openapi.json")
    assert document.json()["components"]["schemas"]["Problem"]
