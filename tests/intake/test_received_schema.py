"""Requests about received claims, made from our own description: nothing that it does not say."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from rempart.cli.received_line import ReceivedLine
from rempart.foundation.settings import Settings
from rempart.foundation.texts import Language
from rempart.identity import ClientKey
from rempart.published import documents
from tests.intake.premises import Intake
from tests.intake.test_received import claims_on, enrolled

pytestmark = pytest.mark.slow

Case = schemathesis.Case[Any]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


@dataclass
class Asked:
    """An insurer's software with claims that wait, and what it was answered."""

    line: ReceivedLine
    claims: list[str]
    said: Counter[tuple[str, str, int]]

    def send(self, case: Case, how: str) -> requests.Response:
        """Send a case; ``how``: with a proof of it, or also with claims that exist."""
        if how == "at_home":
            self.at_home(case)
        kwargs = case.as_transport_kwargs(base_url=self.line.intake_url)
        known = {"method", "url", "headers", "params", "data", "json"}
        request = requests.Request(**{k: v for k, v in kwargs.items() if k in known}).prepare()
        # A header that is malformed on purpose is what this case tries: it stays.
        malformed = case.meta is not None and case.meta.is_negative_at(ParameterLocation.HEADER)
        if not malformed:
            raw = request.body or b""
            body = raw if isinstance(raw, bytes) else str(raw).encode()
            address, token = str(request.url).partition("?")[0], self.line._token
            nonce = self.line._nonces[self.line.intake_url]
            method = str(request.method)
            proof = self.line.key.proof(method, address, body, token, nonce)
            request.headers.update({"DPoP": proof, "Authorization": f"DPoP {token}"})
        with requests.Session() as session:
            session.trust_env = False
            response = session.send(request, timeout=30, allow_redirects=False)
        self.said[case.operation.path, how, response.status_code] += 1
        return response

    def at_home(self, case: Case) -> None:
        """Name claims that there are: what is behind the door is tried too."""
        answers = case.body.get("answers") if isinstance(case.body, dict) else None
        if isinstance(answers, list):
            for said, claim in zip(answers, self.claims, strict=False):
                if isinstance(said, dict):
                    said["claim"] = claim
        if "claim" in case.path_parameters:
            case.path_parameters["claim"] = self.claims[0]


@pytest.fixture(scope="module")
def asked(platform: Intake) -> Iterator[Asked]:
    mine = platform.insurer()
    url, key = enrolled(platform, mine, "claims")[1:4:2]
    with mine.sender, ReceivedLine(ClientKey.load(Path(key)), url, 30) as line:
        claims = claims_on(platform, mine.amc, 20)
        assert len(list(line.waiting())) == 20
        platform.rows("update identity.token set expires_at = expires_at + interval '1 hour'")
        found = Asked(line, claims, Counter())
        yield found
        # Behind every door there was an answer: else the refusals alone would have been looked at.
        tried = {path for path, how, _ in found.said if how == "at_home"}
        assert tried
        for path in tried:
            assert found.said[path, "at_home", 200] > 0, found.said


CONFIG = {"generation": {"max-examples": 8, "deterministic": True}}
DOCUMENT = schemathesis.openapi.from_dict(
    json.loads(documents(Settings.load({}))[Language.ENGLISH].openapi),
    config=schemathesis.Config.from_dict(CONFIG),
).include(path_regex="^/v1/received-claims/")


@DOCUMENT.parametrize()
def test_with_a_proof_of_each_request(case: Case, asked: Asked) -> None:
    """An insurer's requests, whatever they ask; what is malformed is not accepted."""
    case.validate_response(asked.send(case, "proved"), checks=[*CHECKS, negative_data_rejection])


@DOCUMENT.parametrize()
def test_with_claims_that_exist(case: Case, asked: Asked) -> None:
    """The same about claims that there are: past every door."""
    case.validate_response(asked.send(case, "at_home"), checks=CHECKS)
