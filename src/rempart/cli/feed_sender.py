"""The insurer's side of sending a feed: tokens, proofs, parts, and going on after a cut."""

import base64
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import httpx
import msgspec

from rempart.cli.intake_line import IntakeLine
from rempart.cli.output import RefusedError
from rempart.foundation.errors import BadInputError, UnavailableError
from rempart.registry import opened_to_send

_AGAIN_S: Final = 0.5
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


@dataclass
class FeedSender(IntakeLine):
    """Sends one insurer's feeds.

    Refusals raise `RefusedError`; `UnavailableError` says that patience has ended: what was
    received stays, and the next call goes on from there.
    """

    part_bytes: int

    say = _SAY
    goes_on = _GOES_ON
    may_be_missing = "feed_unknown"

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
        return _decoded(self.authorised("GET", self._path(name)))

    def confirm(self, name: str) -> None:
        """Confirm a feed that ends many covers."""
        self.authorised("POST", self._path(name) + "/confirmation")

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
        response = self.authorised("GET", self._path(name), may_miss=True)
        return _decoded(response) if response.status_code == 200 else None

    def _send_part(self, name: str, part: bytes, at: int, total: int, digest: bytes) -> FeedReport:
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Range": f"bytes {at}-{at + len(part) - 1}/{total}",
            "Repr-Digest": f"sha-256=:{base64.b64encode(digest).decode()}:",
        }
        response = self.authorised("PUT", self._path(name), part, headers)
        if response.status_code == 409:
            # Somebody wrote meanwhile, or what was there is gone: the report says where to go on.
            time.sleep(_AGAIN_S)
            return self.report(name)
        return _decoded(response)

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
