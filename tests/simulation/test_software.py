"""The software over HTTP, against a small server of the test's own that misbehaves on demand."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs

import pytest

from rempart.foundation.errors import UnavailableError
from rempart.foundation.processes import free_port
from rempart.identity import ClientKey
from rempart.simulation.population import Person
from rempart.simulation.question import Question, question_about
from rempart.simulation.robbery import Loot, rob
from rempart.simulation.software import Addresses, EnrolmentRefusedError, Software, enrol

TODAY = date(2026, 11, 22)
SITE, RPPS = "997298765", "99718705181"


class Platform(BaseHTTPRequestHandler):
    """Wants its nonce; takes tokens `live`, and answers the questions put to it in order."""

    protocol_version = "HTTP/1.1"
    live: ClassVar[set[str]]
    minted: ClassVar[list[str]]
    asked: ClassVar[list[dict[str, Any]]]
    answers: ClassVar[list[tuple[int, dict[str, str], bytes]]]
    lock: ClassVar[threading.Lock]

    def log_message(self, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        claims = _claims(self.headers["DPoP"])
        assert claims["htu"].endswith(self.path)
        if claims.get("nonce") != "N":
            self._tell(401, {"code": "use_dpop_nonce"})
            return
        with self.lock:
            getattr(self, self.path.removeprefix("/v1/").replace("-", "_"))(body)

    def token(self, body: bytes) -> None:
        form = parse_qs(body.decode())
        assert form["grant_type"] == ["client_credentials"]
        token = f"token-{len(self.minted)}"
        self.minted.append(token)
        self.live.add(token)
        self._tell(200, {"access_token": token})

    def installations(self, body: bytes) -> None:
        if json.loads(body)["code"] == "GOOD":
            self._tell(201, {"client_id": "inst_1", "site": SITE})
        else:
            self._tell(403, {"code": "code_not_valid"})

    def rights_questions(self, body: bytes) -> None:
        if self.headers["Authorization"].removeprefix("DPoP ") not in self.live:
            self._tell(401, {"code": "invalid_token"})
            return
        self.asked.append(json.loads(body))
        usual: tuple[int, dict[str, str], bytes] = (200, {}, b'{"outcome": "covered"}')
        status, headers, content = self.answers.pop(0) if self.answers else usual
        self._send(status, headers, content)

    def _tell(self, status: int, content: dict[str, str]) -> None:
        self._send(status, {}, json.dumps(content).encode())

    def _send(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in (headers | {"DPoP-Nonce": "N"}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _claims(proof: str) -> dict[str, Any]:
    part = proof.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


@contextmanager
def served() -> Iterator[tuple[type[Platform], Addresses]]:
    class Mine(Platform):
        live: ClassVar[set[str]] = set()
        minted: ClassVar[list[str]] = []
        asked: ClassVar[list[dict[str, Any]]] = []
        answers: ClassVar[list[tuple[int, dict[str, str], bytes]]] = []
        lock: ClassVar[threading.Lock] = threading.Lock()

    with ThreadingHTTPServer(("127.0.0.1", 0), Mine) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        address = f"http://localhost:{server.server_address[1]}"
        yield Mine, Addresses(address, address)
        server.shutdown()
        thread.join()


@pytest.fixture
def platform() -> Iterator[tuple[type[Platform], Addresses]]:
    with served() as found:
        yield found


def key() -> ClientKey:
    return ClientKey.generate().enrolled("inst_1", SITE, "http://localhost")


def question(number: int = 1) -> Question:
    person = Person("990001", str(number), date(1980, 1, 1), 1)
    return question_about(person, domain="PHAR", on=TODAY, professional=RPPS, site=SITE)


def test_it_learns_the_nonce_and_keeps_its_token(
    platform: tuple[type[Platform], Addresses],
) -> None:
    server, addresses = platform
    with Software(key(), addresses) as software:
        for number in range(3):
            assert software.ask(question(number)).outcome == "covered"
    assert len(server.minted) == 1
    assert [asked["member_number"] for asked in server.asked] == ["0", "1", "2"]
    assert "card_secret" not in server.asked[0]
    assert server.asked[0]["evidence"] == "typed"


def test_a_token_that_has_died_is_replaced_once(
    platform: tuple[type[Platform], Addresses],
) -> None:
    server, addresses = platform
    with Software(key(), addresses) as software:
        software.ask(question())
        server.live.clear()
        assert software.ask(question()).outcome == "covered"
        assert server.minted == ["token-0", "token-1"]


def test_a_refusal_is_told_with_how_long_to_wait(
    platform: tuple[type[Platform], Addresses],
) -> None:
    server, addresses = platform
    server.answers.append((429, {"Retry-After": "60"}, b'{"code": "too_many_questions"}'))
    with Software(key(), addresses) as software:
        reply = software.ask(question())
    assert reply.outcome is None
    assert (reply.refused_because, reply.retry_after_s) == ("too_many_questions", 60.0)


def test_what_is_no_answer_and_who_is_not_there_are_unavailable(
    platform: tuple[type[Platform], Addresses],
) -> None:
    server, addresses = platform
    server.answers.append((200, {}, b"<html>"))
    with Software(key(), addresses) as software, pytest.raises(UnavailableError):
        software.ask(question())
    gone = f"http://localhost:{free_port()}"
    with Software(key(), Addresses(gone, gone)) as software, pytest.raises(UnavailableError):
        software.ask(question())


def test_enrolment_gives_the_key_its_name_or_is_refused(
    platform: tuple[type[Platform], Addresses],
) -> None:
    enrolled = enrol("GOOD", platform[1])
    assert (enrolled.client_id, enrolled.site) == ("inst_1", SITE)
    with pytest.raises(EnrolmentRefusedError):
        enrol("USED", platform[1])


def test_the_thief_asks_once_about_each_and_counts_whom_he_was_told_of(
    platform: tuple[type[Platform], Addresses],
) -> None:
    server, addresses = platform
    leaked = tuple(Person("990001", str(number), TODAY, 1) for number in range(60))
    server.answers += [(200, {}, b'{"outcome": "no_right_found"}')] * 10
    server.answers += [(429, {"Retry-After": "60"}, b'{"code": "too_many_questions"}')] * 20
    steps: list[int] = []
    with Software(key(), addresses) as software:
        robbery = rob(
            software, Loot((RPPS, "99741931291"), SITE, "PHAR"), leaked, TODAY, steps.append
        )
    assert robbery.asked == len(server.asked) == 60
    assert len({asked["member_number"] for asked in server.asked}) == 60
    assert {asked["professional"] for asked in server.asked} == {RPPS, "99741931291"}
    assert robbery.outcomes == {"covered": 30, "no_right_found": 10}
    assert robbery.refusals == {"too_many_questions": 20}
    assert len(robbery.exposed) == 30
    assert robbery.new_to(robbery.exposed) == 0
    assert sorted(steps) == list(range(1, 61))


def test_a_thief_who_is_cut_off_stops(platform: tuple[type[Platform], Addresses]) -> None:
    server, addresses = platform
    server.answers += [(200, {}, b"cut")] * 16
    leaked = tuple(Person("990001", str(number), TODAY, 1) for number in range(400))
    with Software(key(), addresses) as software, pytest.raises(UnavailableError):
        rob(software, Loot((RPPS,), SITE, "PHAR"), leaked, TODAY, lambda _: None)
    assert len(server.asked) < 400
