"""Requests made from our own description of the interface: no 5xx, nothing that it does not say."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import requests
from schemathesis.specs.openapi.checks import negative_data_rejection

from rempart.foundation.embedded import EmbeddedPostgres
from rempart.identity import ClientKey
from rempart.routes import TABLE
from tests.support.described import CHECKS, Case, body_of, described, sent
from tests.support.real_platform import AMC, RPPS, SITE, RealPlatform, real_platform

pytestmark = pytest.mark.slow

EXAMPLES = 30
BORN = date(1950, 1, 1)
SECRET = "K7QD2XRM4VTA6HFC"
SIGNIN = {route.path for route in TABLE if route.process == "signin"} - {"/healthz", "/metrics"}


@dataclass
class Asked:
    """A platform that runs, and what it answered."""

    real: RealPlatform
    said: Counter[tuple[str, str, int]]

    @property
    def key(self) -> ClientKey:
        return self.real.software._sender.key

    def origin(self, path: str) -> str:
        settings = self.real.platform.settings
        return settings.signin_url if path in SIGNIN else settings.public_url

    def send(self, case: Case, how: str) -> requests.Response:
        """Send a case; ``how``: as made, with a proof of it, or also with names that exist."""
        origin = self.origin(case.operation.path)
        if how == "at_home":
            self.at_home(case)
        is_proved = how != "as_made" and case.method == "POST"
        response = sent(case, origin, self.prove if is_proved else None)
        self.said[case.operation.path, how, response.status_code] += 1
        return response

    def prove(self, request: requests.PreparedRequest) -> None:
        """Sign this very request with the installation's key, and show a token that lives."""
        url, body = str(request.url), body_of(request)
        token = None if urlsplit(url).path in SIGNIN else self.token()
        nonce = self.real.software._sender._nonces[f"http://{urlsplit(url).netloc}"]
        address = url.partition("?")[0]
        request.headers["DPoP"] = self.key.proof("POST", address, body, token, nonce)
        if token is not None:
            request.headers["Authorization"] = f"DPoP {token}"

    def token(self) -> str:
        return self.real.software._live_token(dead=None)

    def at_home(self, case: Case) -> None:
        """Put names that exist where the case has any: what is behind the door is tried too."""
        if not isinstance(case.body, dict):
            return
        names: dict[str, Any] = {
            "professional": RPPS,
            "site": SITE,
            "insurer": AMC,
            "member_number": "M1",
            "card_secret": SECRET if case.body.get("evidence") == "scan" else None,
            "birth_date": BORN.isoformat(),
            "care_date": self.real.question("M1", BORN).care_date.isoformat(),
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": self.key.assertion(
                self.key.client_id or "", self.origin("/v1/token") + "/v1/token"
            ),
        }
        case.body.update({name: names[name] for name in case.body.keys() & names.keys()})


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    folder = tmp_path_factory.mktemp("schemathesis")
    lines = f"M1,{BORN},1,COMPLET,2020-01-01,2099-12-31,\n"
    with real_platform(folder, lines) as real:
        reached = real.platform.reached
        assert reached.embedded is not None
        superuser = EmbeddedPostgres.superuser
        dsn = reached.embedded.dsn(superuser, reached.keyring.ensure_password(superuser))
        with psycopg.connect(dsn, autocommit=True) as owner:
            owner.execute(
                "update guard.budget set all_burst = 1000000, new_burst = 1000000,"
                " fresh_burst = 1000000, typed_burst = 1000000, miss_burst = 1000000"
            )
        assert real.software.ask(real.question("M1", BORN)).outcome == "covered"
        with psycopg.connect(dsn, autocommit=True) as owner:
            # The token of that question lives longer than the slowest run.
            owner.execute("update identity.token set expires_at = expires_at + interval '2 hours'")
        found = Asked(real, Counter())
        yield found
        # Behind every door there was an answer: else the refusals alone would have been looked at.
        tried = {path for path, how, _ in found.said if how == "at_home"}
        for path in tried & {"/v1/rights-questions", "/v1/token"}:
            assert found.said[path, "at_home", 200] > 0
        real.software.close()


DOCUMENT = described(EXAMPLES).exclude(
    path_regex="^/v1/(feeds|received-claims)/"
)  # of the intake: tests/intake


@DOCUMENT.parametrize()
def test_as_made(case: Case, asked: Asked) -> None:
    """Nobody's requests: no proof but one that was made up."""
    case.validate_response(asked.send(case, "as_made"), checks=CHECKS)


@DOCUMENT.parametrize()
def test_with_a_proof_of_each_request(case: Case, asked: Asked) -> None:
    """An enrolled software's requests, whatever they ask; what is malformed is not accepted."""
    case.validate_response(asked.send(case, "proved"), checks=[*CHECKS, negative_data_rejection])


@DOCUMENT.parametrize()
def test_with_names_that_exist(case: Case, asked: Asked) -> None:
    """The same about people, sites and days that there are: past every door."""
    case.validate_response(asked.send(case, "at_home"), checks=CHECKS)
