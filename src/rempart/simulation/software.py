"""A professional's software at work: enrols, gets tokens, asks, all over HTTP as a vendor would."""

from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

import httpx
import msgspec

from rempart.foundation.errors import RempartError, UnavailableError
from rempart.identity import ClientKey
from rempart.simulation.question import Question

_TIMEOUT_S = 15.0
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
    """What came back: HTTP status, decoded body, and the seconds to wait when it said so."""

    status: int
    body: dict[str, object]
    retry_after_s: float | None

    @property
    def outcome(self) -> str | None:
        """The outcome of an answer; None when the question was refused."""
        outcome = self.body.get("outcome")
        return outcome if self.status == 200 and isinstance(outcome, str) else None

    @property
    def refused_because(self) -> str | None:
        """The code of a refusal; None for an answer."""
        return None if self.outcome else str(self.body.get("code", f"http_{self.status}"))


class _Sender:
    """Signs each request with the key (RFC 9449) and keeps the nonces that servers hand out."""

    def __init__(self, key: ClientKey) -> None:
        """Take the key that never leaves this machine."""
        self.key = key
        self._nonces: dict[str, str] = {}
        self.client = httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False)

    async def post(
        self,
        url: str,
        body: bytes,
        *,
        token: str | None = None,
        media_type: str = "application/json",
    ) -> httpx.Response:
        """Send a signed request; once more when the server wants its nonce in the proof."""
        origin = httpx.URL(url).netloc.decode()
        for _ in range(2):
            proof = self.key.proof("POST", url, body, token, self._nonces.get(origin))
            headers = {"Content-Type": media_type, "DPoP": proof}
            if token is not None:
                headers["Authorization"] = f"DPoP {token}"
            try:
                response = await self.client.post(url, content=body, headers=headers)
            except httpx.HTTPError as error:
                raise UnavailableError("the server cannot be reached") from error
            if nonce := response.headers.get("DPoP-Nonce"):
                self._nonces[origin] = nonce
            if not _wants_nonce(response):
                break
        return response


class Software:
    """One installation at work: connections, nonces, and the token of the moment."""

    def __init__(self, key: ClientKey, addresses: Addresses) -> None:
        """Take an enrolled key; use it as an asynchronous context."""
        self._sender = _Sender(key)
        self._addresses = addresses
        self._token: str | None = None

    async def __aenter__(self) -> Self:
        """Open the connections."""
        await self._sender.client.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connections."""
        await self._sender.client.__aexit__(kind, error, trace)

    async def ask(self, question: Question) -> Reply:
        """Ask one question; a token that has died is replaced once.

        Raises `UnavailableError` when the server cannot be reached or gives no token.
        """
        url = f"{self._addresses.public_url}/v1/rights-questions"
        body = msgspec.json.encode(question)
        token = await self._live_token()
        response = await self._sender.post(url, body, token=token)
        if response.status_code == 401:
            if self._token == token:
                self._token = None
            response = await self._sender.post(url, body, token=await self._live_token())
        return _reply(response)

    async def _live_token(self) -> str:
        if self._token is None:
            url = f"{self._addresses.signin_url}/v1/token"
            key = self._sender.key
            form = {
                "grant_type": "client_credentials",
                "client_assertion_type": _ASSERTION_TYPE,
                "client_assertion": key.assertion(key.client_id or "", url),
            }
            response = await self._sender.post(
                url, urlencode(form).encode(), media_type="application/x-www-form-urlencoded"
            )
            if response.status_code != 200:
                raise UnavailableError("sign-in gave no token")
            self._token = str(_decoded(response)["access_token"])
        return self._token


async def enrol(code: str, addresses: Addresses) -> ClientKey:
    """Make a key here and enrol it with a one-time code.

    Raises `EnrolmentRefusedError` when the code opens nothing, `UnavailableError` as `ask` does.
    """
    sender = _Sender(ClientKey.generate())
    async with sender.client:
        url = f"{addresses.signin_url}/v1/installations"
        response = await sender.post(url, msgspec.json.encode({"code": code}))
    if response.status_code != 201:
        raise EnrolmentRefusedError("the code opens nothing")
    content = _decoded(response)
    return sender.key.enrolled(
        str(content["client_id"]), str(content["site"]), addresses.signin_url
    )


def _wants_nonce(response: httpx.Response) -> bool:
    if response.status_code not in {400, 401}:
        return False
    content = _decoded(response)
    return "use_dpop_nonce" in {content.get("error"), content.get("code")}


def _reply(response: httpx.Response) -> Reply:
    wait = response.headers.get("Retry-After", "")
    retry_after_s = float(wait) if wait.isdecimal() else None
    return Reply(response.status_code, _decoded(response), retry_after_s)


def _decoded(response: httpx.Response) -> dict[str, object]:
    try:
        return msgspec.json.decode(response.content, type=dict[str, object])
    except msgspec.DecodeError as error:
        raise UnavailableError("the server answered something else than JSON") from error
