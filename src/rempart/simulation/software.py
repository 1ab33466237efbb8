"""A professional's software at work: enrols, gets tokens, asks, all over HTTP as a vendor would."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from types import TracebackType
from typing import Self
from urllib.parse import urlencode, urlsplit

import msgspec

from rempart.foundation.errors import RempartError, UnavailableError
from rempart.identity import ClientKey
from rempart.simulation.question import Question

_TIMEOUT_S = 15.0
_IDLE_S = 5.0
"""A connection unused for longer is made anew: a server closes those that are idle."""
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class EnrolmentRefusedError(RempartError):
    """The one-time code is unknown, used or expired; the server does not say which."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the edge and the sign-in process are reached; no path, no slash at the end."""

    public_url: str
    signin_url: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: HTTP status, decoded body, and the seconds to wait when it said so.

    `content` is the body as it came, `seconds` the time from the last request's first byte to
    its answer's last.
    """

    status: int
    body: dict[str, object]
    retry_after_s: float | None
    content: bytes = b""
    seconds: float = 0.0

    @property
    def outcome(self) -> str | None:
        """The outcome of an answer; None when the question was refused."""
        outcome = self.body.get("outcome")
        return outcome if self.status == 200 and isinstance(outcome, str) else None

    @property
    def refused_because(self) -> str | None:
        """The code of a refusal; None for an answer."""
        return None if self.outcome else str(self.body.get("code", f"http_{self.status}"))


@dataclass(frozen=True, slots=True)
class _Received:
    status: int
    headers: Message
    content: bytes
    seconds: float

    def decoded(self) -> dict[str, object]:
        try:
            return msgspec.json.decode(self.content, type=dict[str, object])
        except msgspec.DecodeError as error:
            raise UnavailableError("the server answered something else than JSON") from error


class _Sender:
    """Signs each request with the key (RFC 9449), and keeps connections and servers' nonces.

    For any number of threads: each has connections of its own. The standard library's client,
    since a thief's pace is the client's.
    """

    def __init__(self, key: ClientKey) -> None:
        """Take the key that never leaves this machine."""
        self.key = key
        self._nonces: dict[str, str] = {}
        self._mine = threading.local()
        self._opened: list[HTTPConnection] = []
        self._used: dict[HTTPConnection, float] = {}

    def close(self) -> None:
        """Close every connection; a later request makes a new one."""
        while self._opened:
            self._opened.pop().close()
        self._used.clear()
        self._mine = threading.local()

    def post(self, url: str, body: bytes, *, media_type: str = "application/json") -> _Received:
        """Send what needs no token."""
        return self.send("POST", url, body, media_type=media_type)

    def send(
        self,
        method: str,
        url: str,
        body: bytes,
        *,
        token: str | None = None,
        media_type: str = "application/json",
    ) -> _Received:
        """Send a signed request; once more when the server wants its nonce in the proof."""
        origin = _origin(url)
        for _ in range(2):
            proof = self.key.proof(method, url, body, token, self._nonces.get(origin))
            headers = {"Content-Type": media_type, "DPoP": proof}
            if token is not None:
                headers["Authorization"] = f"DPoP {token}"
            received = self._exchange(method, url, body, headers)
            if nonce := received.headers.get("DPoP-Nonce"):
                self._nonces[origin] = nonce
            if not _wants_nonce(received):
                break
        return received

    def _exchange(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> _Received:
        connection = self._connection(_origin(url))
        began = time.perf_counter()
        try:
            connection.request(method, urlsplit(url).path, body, headers)
            response = connection.getresponse()
            content = response.read()
            seconds = time.perf_counter() - began
            return _Received(response.status, response.headers, content, seconds)
        except (OSError, HTTPException) as error:
            # The next request on it begins afresh.
            connection.close()
            raise UnavailableError("the server cannot be reached") from error

    def _connection(self, origin: str) -> HTTPConnection:
        kept: dict[str, HTTPConnection] = self._mine.__dict__
        if origin not in kept:
            parts = urlsplit(origin)
            kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
            kept[origin] = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT_S)
            self._opened.append(kept[origin])
        connection, now = kept[origin], time.monotonic()
        if now - self._used.get(connection, now) > _IDLE_S:
            connection.close()
        self._used[connection] = now
        return connection


class Software:
    """One installation at work: connections, nonces, and the token of the moment.

    Any number of threads may ask at once. A context closes the connections at its end.
    """

    def __init__(self, key: ClientKey, addresses: Addresses) -> None:
        """Take an enrolled key and where the platform answers."""
        self._sender = _Sender(key)
        self._addresses = addresses
        self._token: str | None = None
        self._renewing = threading.Lock()

    def __enter__(self) -> Self:
        """Begin without a connection."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections; asking again makes new ones."""
        self._sender.close()

    def ask(self, question: Question) -> Reply:
        """Ask one question; a token that has died is replaced once.

        Raises `UnavailableError` when the server cannot be reached or gives no token.
        """
        return self._post("/v1/rights-questions", msgspec.json.encode(question))

    def claim(self, claim: Mapping[str, object]) -> Reply:
        """Claim what an engagement guarantees, likewise; ``claim`` is as docs/api.md has it."""
        return self._post("/v1/claims", msgspec.json.encode(claim))

    def fetch(self, path: str) -> Reply:
        """Read what is the software's own, likewise: a claim, its site's payments."""
        return self._send("GET", path, b"")

    def quote(self, question: Question, quoted: Mapping[str, object]) -> tuple[Reply, bytes]:
        """Ask a question with lines, likewise; return the body too, which a receipt needs."""
        body = msgspec.json.encode(msgspec.to_builtins(question) | quoted)
        return self._post("/v1/quotes", body), body

    def authorization(self, step: str, number: str) -> Reply:
        """Look a prise en charge up (``look-ups``) or cancel it (``cancellations``)."""
        told = msgspec.json.encode({"authorization": number})
        return self._post(f"/v1/authorizations/{step}", told)

    def _post(self, path: str, body: bytes) -> Reply:
        return self._send("POST", path, body)

    def _send(self, method: str, path: str, body: bytes) -> Reply:
        url = self._addresses.public_url + path
        token = self._live_token(dead=None)
        received = self._sender.send(method, url, body, token=token)
        if received.status == 401:
            fresh = self._live_token(dead=token)
            received = self._sender.send(method, url, body, token=fresh)
        return _reply(received)

    def _live_token(self, dead: str | None) -> str:
        """The token of the moment, or a new one when there is none but `dead`."""
        with self._renewing:
            if self._token in {None, dead}:
                self._token = self._new_token()
            return self._token or ""

    def _new_token(self) -> str:
        url = f"{self._addresses.signin_url}/v1/token"
        key = self._sender.key
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": key.assertion(key.client_id or "", url),
        }
        received = self._sender.post(
            url, urlencode(form).encode(), media_type="application/x-www-form-urlencoded"
        )
        if received.status != 200:
            raise UnavailableError("sign-in gave no token")
        return str(received.decoded()["access_token"])


def enrol(code: str, addresses: Addresses) -> ClientKey:
    """Make a key here and enrol it with a one-time code.

    Raises `EnrolmentRefusedError` when the code opens nothing, `UnavailableError` as `ask` does.
    """
    sender = _Sender(ClientKey.generate())
    url = f"{addresses.signin_url}/v1/installations"
    try:
        received = sender.post(url, msgspec.json.encode({"code": code}))
    finally:
        sender.close()
    if received.status != 201:
        raise EnrolmentRefusedError("the code opens nothing")
    content = received.decoded()
    return sender.key.enrolled(
        str(content["client_id"]), str(content["site"]), addresses.signin_url
    )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _wants_nonce(received: _Received) -> bool:
    if received.status not in {400, 401}:
        return False
    content = received.decoded()
    return "use_dpop_nonce" in {content.get("error"), content.get("code")}


def _reply(received: _Received) -> Reply:
    wait = received.headers.get("Retry-After", "")
    retry_after_s = float(wait) if wait.isdecimal() else None
    return Reply(
        received.status, received.decoded(), retry_after_s, received.content, received.seconds
    )
