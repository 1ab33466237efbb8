"""An insurer's software over against the intake: tokens, proofs, and going on after a cut."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Final, Self
from urllib.parse import urlsplit

import httpx
import msgspec

from rempart.cli.enrolling import check_address
from rempart.cli.output import RefusedError
from rempart.foundation.errors import UnavailableError
from rempart.identity import TOKEN_PATH, ClientKey

_TIMEOUT_S: Final = 90.0
_GRANT: Final = {
    "grant_type": "client_credentials",
    "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
}
_WAITS: Final = (0.5, 1, 2, 4, 8, 15)
"""Seconds between attempts; the last again and again until patience ends."""


class _Problem(msgspec.Struct, frozen=True):
    code: str = ""
    error: str = ""


class _Token(msgspec.Struct, frozen=True):
    access_token: str


@dataclass
class IntakeLine:
    """One key's requests to the intake. Whatever is away is tried again for `patience_s`."""

    key: ClientKey
    intake_url: str
    patience_s: float
    http: httpx.Client = field(
        kw_only=True, default_factory=lambda: httpx.Client(timeout=_TIMEOUT_S)
    )
    _nonces: dict[str, str] = field(kw_only=True, default_factory=dict)
    _token: str | None = field(kw_only=True, default=None)

    say: ClassVar[Mapping[str, str]] = {}
    """What each refusal is told as."""
    goes_on: ClassVar[frozenset[str]] = frozenset()
    """Refusals that the caller looks at himself."""
    may_be_missing: ClassVar[str] = ""
    """The refusal that says that it is not there."""

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
        self.http.close()

    def authorised(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        *,
        may_miss: bool = False,
    ) -> httpx.Response:
        """Send with a live token; again while the platform is away, until patience ends."""
        give_up, turn = time.monotonic() + self.patience_s, 0
        while True:
            try:
                return self._once(method, path, body, headers or {}, may_miss=may_miss)
            except (httpx.HTTPError, UnavailableError):
                if time.monotonic() > give_up:
                    raise UnavailableError("the platform does not answer: run it again") from None
            time.sleep(_WAITS[min(turn, len(_WAITS) - 1)])
            turn += 1

    def _once(
        self, method: str, path: str, body: bytes, headers: dict[str, str], *, may_miss: bool
    ) -> httpx.Response:
        for _ in range(2):
            if self._token is None:
                self._token = self._new_token()
            response = self._proved(method, self.intake_url + path, body, headers, self._token)
            if response.status_code != 401:
                break
            self._token = None
        code = _code(response)
        if (
            response.is_success
            or code in self.goes_on
            or (may_miss and code == self.may_be_missing)
        ):
            return response
        if response.status_code >= 500 or response.status_code == 408:
            raise UnavailableError("the platform does not answer")
        raise RefusedError(self.say.get(code, "the platform refuses this request"))

    def _new_token(self) -> str:
        origin = self.key.signin_url or ""
        url = origin + TOKEN_PATH
        form = _GRANT | {"client_assertion": self.key.assertion(self.key.client_id or "", url)}
        body = httpx.Request("POST", url, data=form).read()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        response = self._proved("POST", url, body, headers)
        if response.status_code != 200:
            if response.status_code >= 500:
                raise UnavailableError("sign-in does not answer")
            raise RefusedError("sign-in gives no token: was this key enrolled, and not revoked?")
        return msgspec.json.decode(response.content, type=_Token).access_token

    def _proved(
        self, method: str, url: str, body: bytes, headers: dict[str, str], token: str | None = None
    ) -> httpx.Response:
        """Send with a proof of this very request; once more when the server wants its nonce."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        shown = {"Authorization": f"DPoP {token}"} if token else {}
        for _ in range(2):
            proof = self.key.proof(method, url, body, token, self._nonces.get(origin))
            response = self.http.request(
                method, url, content=body, headers={**headers, **shown, "DPoP": proof}
            )
            if nonce := response.headers.get("DPoP-Nonce"):
                self._nonces[origin] = nonce
            if _code(response) != "use_dpop_nonce":
                break
        return response


def enrolled_key(url: str, path: Path) -> tuple[ClientKey, str]:
    """Load the key of an insurer's software, and check the intake's address.

    Raises `BadInputError`, `ClientKeyError` or `RefusedError`: it was never enrolled.
    """
    address = url.rstrip("/")
    check_address(address)
    loaded = ClientKey.load(path)
    if loaded.client_id is None or loaded.signin_url is None:
        raise RefusedError("this key is not enrolled: `rempart client enrol`")
    return loaded, address


def _code(response: httpx.Response) -> str:
    if response.is_success:
        return ""
    try:
        problem = msgspec.json.decode(response.content, type=_Problem)
    except msgspec.DecodeError:
        return ""
    return problem.code or problem.error
