"""What the intake tells an insurer about a feed, as JSON."""

from typing import Literal

import msgspec

FeedState = Literal[
    "receiving",
    "checking",
    "importing",
    "needs_confirmation",
    "needs_go_ahead",
    "in_force",
    "refused",
]


class FeedProblemLine(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a line; 0 and an empty column when it is the whole feed."""

    line: int
    column: str
    reason: str


class FeedReport(msgspec.Struct, frozen=True, kw_only=True):
    """How far a feed is, and what became of it. Every key is always there."""

    id: str
    state: FeedState
    total: int
    received: int
    accepted: int | None
    refused: int | None
    ended: int | None
    before: int | None
    after: int | None
    mapped: int | None
    renamed: int | None
    problems: tuple[FeedProblemLine, ...]


FEED_MEDIA = "application/octet-stream"
