"""The insurer's side of answering claims: pages, one claim, answers in portions, over HTTP."""

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx
import msgspec

from rempart.billing import PAGE, Rejection
from rempart.cli.intake_line import IntakeLine, enrolled_key
from rempart.foundation.errors import BadInputError, UnavailableError

_AT: Final = "/v1/received-claims"
_CLAIM: Final = re.compile(r"[0-9a-f]{32}")
_JSON: Final = {"Content-Type": "application/json"}

_SAY: Final = {
    "answers_closed": "the platform's security desk has closed this software",
    "received_claim_unknown": "no claim on this insurer has this name",
    "invalid_token": "the key answers no claims here: was its code one --for claims?",
}

_T = TypeVar("_T", bound=IntakeLine)


def opened(kind: type[_T], url: str, key: Path, patience: int) -> _T:
    """Open a line with an enrolled key; raises as `enrolled_key`."""
    return kind(*enrolled_key(url, key), patience)


def named(names: Sequence[str]) -> list[str]:
    """Return claims' names; ``-`` stands for standard input, a name a line.

    Raises `BadInputError`, which never holds what was given.
    """
    found = [one for name in names for one in (sys.stdin.read().split() if name == "-" else [name])]
    if not found or not all(_CLAIM.fullmatch(one) for one in found):
        raise BadInputError("CLAIMS", "are names of 32 characters, 0-9 and a-f")
    return found


@dataclass
class ReceivedLine(IntakeLine):
    """Lists and answers the claims on one insurer.

    Raises `RefusedError`, or `UnavailableError` when patience has ended: the same answers again
    find out what was taken.
    """

    say = _SAY

    def waiting(self) -> Iterator[dict[str, Any]]:
        """Yield every claim that waits, page by page."""
        after = None
        while True:
            page = _decoded(self._post("/look-ups", {"after": after, "at_most": PAGE}))
            yield from page["claims"]
            after = page["next"]
            if after is None:
                return

    def read(self, claim: str) -> dict[str, Any]:
        """Return one claim; `BadInputError` for a name that can't be one."""
        (name,) = named([claim])
        return _decoded(self.authorised("GET", f"{_AT}/{name}"))

    def answer(self, claims: Sequence[str], because: Rejection | None) -> list[dict[str, Any]]:
        """Answer claims alike, as many at a time as one request takes; what became of each."""
        told = {
            "answer": "accepted" if because is None else "rejected",
            "because": None if because is None else because.value,
        }
        found: list[dict[str, Any]] = []
        for start in range(0, len(claims), PAGE):
            said = [{"claim": claim, **told} for claim in claims[start : start + PAGE]]
            found += _decoded(self._post("/answers", {"answers": said}))["answers"]
        return found

    def _post(self, path: str, told: dict[str, Any]) -> httpx.Response:
        return self.authorised("POST", _AT + path, msgspec.json.encode(told), _JSON)


def _decoded(response: httpx.Response) -> dict[str, Any]:
    try:
        return msgspec.json.decode(response.content, type=dict[str, Any])
    except msgspec.DecodeError:
        raise UnavailableError("this address does not answer as an intake does") from None
