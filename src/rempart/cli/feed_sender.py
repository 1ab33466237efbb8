"""The insurer's side of sending a feed: tokens, proofs, parts, and going on after a cut."""

import base64
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self
from urllib.parse import urlsplit

import httpx
import msgspec

from rempart.cli.output import RefusedError
from rempart.foundation.errors import BadInputError, UnavailableError
from rempart.identity import TOKEN_PATH, ClientKey
from rempart.registry import opened_to_send

_TIMEOUT_S: Final = 90.0
_GRANT: Final = {
    "grant_type": "client_credentials",
    "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
}
_WAITS: Final = (0.5, 1, 2, 4, 8, 15)
"""Seconds between attempts; the last again and again until patience ends."""

_GOES_ON: Final = frozenset({"part_not_due", "part_under_way"})
"""Refusals after which the report says where to go on."""

_SAY: Final = {
    "code_not_valid": "the code opens nothing",
    "feed_differs": "a feed by this name was sent with other content: choose another --id",
    "feed_under_way": "another feed of this insurer is on its way",
    "feed_too_large": "the feed is larger than the platform takes",
    "feeds_closed": "the platform's security desk has closed this",
    "feed_of_another_insurer": "this key is another insurer's than the feed",
    "not_a_prepared_feed": "this is no feed that the platform reads (`rempart feed prepare`)",
    "feed_unknown": "no feed by this name was sent with a key of this insurer's",
    "nothing_to_confirm": "this feed waits for no confirmation",
    "invalid_token": "the key sends no feeds here: is it an insurer's, and not revoked?",
}


class FeedLine(msgspec.Struct, frozen=True):
    """What is wrong with a line."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        """One sentence for a person."""
        place = f"line {self.line}" if self.line else "the feed"
        return f"{place}{', ' + self.column if self.column else ''}: {self.reason}"


class FeedReport(msgspec.Struct, frozen=True):
    """What the platform says of a feed."""

    id: str
    state: str
    total: int
    received: int
    accepted: int | None
    refused: int | None
    ended: int | None
    before: int | None
    after: int | None
    mapped: int | None
    renamed: int | None
    problems: tuple[FeedLine, ...]

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.state in {"in_force", "refused", "needs_confirmation", "needs_go_ahead"}


class _Problem(msgspec.Struct, frozen=True):
    code: str = ""
    error: str = ""


class _Token(msgspec.Struct, frozen=True):
    access_token: str


@dataclass
class FeedSender:
    """Sends one insurer's feeds. Whatever is cut off or away is tried again for `patience_s`.

    Refusals raise `RefusedError`; `UnavailableError` says that patience has ended: what was
    received stays, and the next call goes on from there.
    """

    key: ClientKey
    intake_url: str
    patience_s: float
    part_bytes: int
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=_TIMEOUT_S))
    _nonces: dict[str, str] = field(default_factory=dict)
    _token: str | None = None

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

    def send(
        self,
        path: Path,
        name: str,
        on_progress: Callable[[int, int], None],
        rekey_map: Path | None = None,
    ) -> FeedReport:
        """Send what the platform does not have yet; return the report once all of it is there."""
        with opened_to_send(path, rekey_map) as file:
            digest, total = _digest_of(file)
            report = self._known(name)
            received = report.received if report is not None else 0
            if report is not None and report.total != total:
                raise RefusedError(_SAY["feed_differs"])
            give_up = time.monotonic() + self.patience_s
            while True:
                # Even when all is there a last part goes: the platform compares the digests.
                at = received if received < total else max(0, total - self.part_bytes)
                file.seek(at)
                part = file.read(self.part_bytes)
                report = self._send_part(name, part, at, total, digest)
                on_progress(report.received, total)
                if report.received >= total or report.state != "receiving":
                    return report
                if report.received > received:
                    give_up = time.monotonic() + self.patience_s
                elif time.monotonic() > give_up:
                    raise UnavailableError("the platform takes no part: run it again")
                received = report.received

    def report(self, name: str) -> FeedReport:
        """Read a feed's report."""
        return _decoded(self._authorised("GET", self._path(name)))

    def confirm(self, name: str) -> None:
        """Confirm a feed that ends many covers."""
        self._authorised("POST", self._path(name) + "/confirmation")

    def wait(self, name: str) -> FeedReport:
        """Wait for the report that nothing more will happen to."""
        give_up = time.monotonic() + self.patience_s
        while True:
            report = self.report(name)
            if report.is_final:
                return report
            if time.monotonic() > give_up:
                raise UnavailableError("the platform is not done yet: `rempart feed report`")
            time.sleep(1)

    def _known(self, name: str) -> FeedReport | None:
        response = self._authorised("GET", self._path(name), may_miss=True)
        return _decoded(response) if response.status_code == 200 else None

    def _send_part(self, name: str, part: bytes, at: int, total: int, digest: bytes) -> FeedReport:
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Range": f"bytes {at}-{at + len(part) - 1}/{total}",
            "Repr-Digest": f"sha-256=:{base64.b64encode(digest).decode()}:",
        }
        response = self._authorised("PUT", self._path(name), part, headers)
        if response.status_code == 409:
            # Somebody wrote meanwhile, or what was there is gone: the report says where to go on.
            time.sleep(_WAITS[0])
            return self.report(name)
        return _decoded(response)

    def _authorised(
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
        if response.is_success or code in _GOES_ON or (may_miss and code == "feed_unknown"):
            return response
        if response.status_code >= 500 or response.status_code == 408:
            raise UnavailableError("the platform does not answer")
        raise RefusedError(_SAY.get(code, "the platform refuses this request"))

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

    def _path(self, name: str) -> str:
        return f"/v1/feeds/{name}"


def digest_to_send(path: Path, rekey_map: Path | None) -> bytes:
    """Return the SHA-256 of a feed as it is sent, with its map. Raises `BadInputError`."""
    try:
        with opened_to_send(path, rekey_map) as file:
            return _digest_of(file)[0]
    except OSError as error:
        raise BadInputError("FEED or --rekey", f"cannot be read: {error.strerror}") from None


def default_name(digest: bytes) -> str:
    """Name a feed after its content, without a digit that could be taken for a person's."""
    return "feed-" + digest.hex()[:24].translate(str.maketrans("0123456789", "ghijkmnpqr"))


def _digest_of(file: BinaryIO) -> tuple[bytes, int]:
    digest = hashlib.sha256()
    while piece := file.read(2**20):
        digest.update(piece)
    if file.tell() == 0:
        raise BadInputError("FEED", "is empty")
    return digest.digest(), file.tell()


def _decoded(response: httpx.Response) -> FeedReport:
    try:
        return msgspec.json.decode(response.content, type=FeedReport)
    except msgspec.DecodeError:
        raise UnavailableError("this address does not answer as an intake does") from None


def _code(response: httpx.Response) -> str:
    if response.is_success:
        return ""
    try:
        problem = msgspec.json.decode(response.content, type=_Problem)
    except msgspec.DecodeError:
        return ""
    return problem.code or problem.error
