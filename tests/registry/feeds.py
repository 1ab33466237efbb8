"""Makes small feeds for tests: a source, its keys, the prepared file, and a blinding of our own."""

import hmac
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from rempart.foundation.clock import SystemClock
from rempart.registry import FeedKeys, FeedProblem, Prepared, prepare_feed

AMC = "990001"
TODAY = date(2026, 3, 15)
KEYS = FeedKeys(feed=bytes(range(32)), reference=bytes(range(32, 64)))
SECRET = "ABCDEFGHJKMN2345"
HEADER = "member_number,birth_date,birth_rank,plan,valid_from,valid_to,card_secret,cover_rank"


def day(offset: int) -> str:
    """Write a date some days from the real today, by which the database ends covers."""
    return (SystemClock().today() + timedelta(days=offset)).isoformat()


def line(number: str = "12345678", **changes: str) -> str:
    """Write one line of a source."""
    cells = {
        "member_number": number,
        "birth_date": "1985-05-17",
        "birth_rank": "1",
        "plan": "FULL",
        "valid_from": day(-400),
        "valid_to": day(400),
        "card_secret": SECRET,
        "cover_rank": "1",
    } | changes
    return ",".join(cells.values())


DELTA_HEADER = f"{HEADER},action"


def put(number: str = "12345678", **changes: str) -> str:
    """Write one line of a delta that states a cover."""
    return line(number, **changes) + ",put"


def end(number: str = "12345678", last_day: str = "", **changes: str) -> str:
    """Write one line of a delta that ends a person; yesterday is the last day if not said."""
    nothing = dict.fromkeys(("plan", "valid_from", "card_secret", "cover_rank"), "")
    return line(number, **(nothing | {"valid_to": last_day or day(-1)} | changes)) + ",end"


@dataclass
class Attempt:
    """What a preparation made, and the problems that it told."""

    done: Prepared
    out: Path
    problems: list[FeedProblem] = field(default_factory=list)

    @property
    def told(self) -> list[tuple[int, str]]:
        return [(problem.line, problem.column) for problem in self.problems]


def prepare(
    folder: Path,
    *lines: str,
    header: str = HEADER,
    keys: FeedKeys = KEYS,
    amc: str = AMC,
    skip_bad: bool = False,
    is_delta: bool = False,
) -> Attempt:
    """Prepare a feed of these lines."""
    source = io.BytesIO("\n".join([header, *lines, ""]).encode())
    problems: list[FeedProblem] = []
    out = folder / "out.feed"
    done = prepare_feed(
        source,
        out,
        amc,
        keys,
        today=TODAY,
        on_problem=problems.append,
        skip_bad=skip_bad,
        is_delta=is_delta,
    )
    return Attempt(done, out, problems)


def outer(index: bytes, generation: int = 1) -> bytes:
    """Blind an index as the stand-in for the blinding process does."""
    return hmac.digest(b"outer" * generation, index, "sha256")


async def blind(
    indexes: Sequence[bytes], cards: Sequence[bytes], generation: int
) -> tuple[list[bytes], list[bytes]]:
    """Stand in for the blinding process where its own tests have it covered."""
    people = [outer(index, generation) for index in indexes]
    return people, [outer(card, generation) for card in cards]
