"""Ways out of the registry for tests, and the list of who left."""

from pathlib import Path

from rempart.registry import FeedProblem, Imported
from tests.registry.feeds import day, end, line
from tests.registry.platform import Platform
from tests.registry.rekeying import PEOPLE, sealed

LONG_AGO = -500
"""Before any cover of these people began."""


def sent(
    platform: Platform, path: Path, rekey: Path | None = None, *, only_look: bool = False
) -> Imported | str:
    """Take a feed in as one that an insurer sent: it confirms, and the operator says nothing."""
    found = platform.take(path, rekey=rekey, may_rename=False, only_look=only_look)
    return found.reason if isinstance(found, FeedProblem) else found


def all_but(*numbers: str, ends: int = 400) -> list[str]:
    return [line(one, valid_to=day(ends)) for one in PEOPLE if one not in numbers]


def ended_before_it_began(platform: Platform) -> None:
    """One delta of one line, which needs no confirming."""
    found = platform.take(platform.delta(end("1", day(LONG_AGO))), confirm=False)
    assert found == Imported(1, 1)


def listed(platform: Platform) -> list[bytes]:
    """References of those who left, of all insurers."""
    rows = platform.db.owner.execute(
        "select member_reference as r from registry.departed order by r"
    ).fetchall()
    return [bytes(row["r"]) for row in rows]


def delta_with(platform: Platform, old: bytes, new: bytes, *lines: str) -> Path:
    """Make a delta of these lines in which one reference stands in place of another."""
    path = platform.delta(*lines)
    made = path.read_bytes().replace(old.hex().encode(), new.hex().encode())
    return sealed(path, made.splitlines(keepends=True))
