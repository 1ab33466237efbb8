"""Requests about received claims, made from our own description: nothing that it does not say."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from schemathesis.specs.openapi.checks import negative_data_rejection

from rempart.cli.received_line import ReceivedLine
from rempart.identity import ClientKey
from tests.intake.premises import Intake
from tests.intake.test_received import claims_on, enrolled
from tests.support.described import CHECKS, Case, body_of, described, sent

pytestmark = pytest.mark.slow


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
        response = sent(case, self.line.intake_url, self.prove)
        self.said[case.operation.path, how, response.status_code] += 1
        return response

    def prove(self, request: requests.PreparedRequest) -> None:
        """Sign this very request with the software's key, and show its token."""
        address, token = str(request.url).partition("?")[0], self.line._token
        nonce = self.line._nonces[self.line.intake_url]
        body, method = body_of(request), str(request.method)
        proof = self.line.key.proof(method, address, body, token, nonce)
        request.headers.update({"DPoP": proof, "Authorization": f"DPoP {token}"})

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


DOCUMENT = described(8).include(path_regex="^/v1/received-claims/")


@DOCUMENT.parametrize()
def test_with_a_proof_of_each_request(case: Case, asked: Asked) -> None:
    """An insurer's requests, whatever they ask; what is malformed is not accepted."""
    case.validate_response(asked.send(case, "proved"), checks=[*CHECKS, negative_data_rejection])


@DOCUMENT.parametrize()
def test_with_claims_that_exist(case: Case, asked: Asked) -> None:
    """The same about claims that there are: past every door."""
    case.validate_response(asked.send(case, "at_home"), checks=CHECKS)
