"""Makes maps of references for tests, of sources as tests write them."""

import hashlib
import io
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rempart.registry import FeedKeys, FeedProblem, make_rekey_map, member_reference
from tests.registry.feeds import AMC, DELTA_HEADER, HEADER, KEYS, TODAY
from tests.registry.platform import BORN

OTHER = FeedKeys(KEYS.feed, b"o" * 32)
THIRD = FeedKeys(KEYS.feed, b"t" * 32)
PEOPLE = [str(n) for n in range(1, 31)]
RENUMBERED = HEADER + ",former_member_number"


def reference(number: str, keys: FeedKeys = KEYS, born: date = BORN) -> bytes:
    return member_reference(keys.reference, AMC, number, born, 1)


@dataclass
class Made:
    """A map, and what was wrong with its source."""

    path: Path
    problems: list[FeedProblem]

    @property
    def told(self) -> list[tuple[int, str]]:
        return [(one.line, one.column) for one in self.problems]


def rekey_map(
    folder: Path,
    *lines: str,
    old: FeedKeys = KEYS,
    new: FeedKeys = OTHER,
    header: str = HEADER,
    amc: str = AMC,
) -> Made:
    """Make the map of a source of these lines."""
    made = Made(folder / "references.map", [])
    made.path.unlink(missing_ok=True)
    done = make_rekey_map(
        io.BytesIO("\n".join([header, *lines, ""]).encode()),
        made.path,
        amc,
        (old.reference, new.reference),
        today=TODAY,
        on_problem=made.problems.append,
        is_delta=header == DELTA_HEADER,
    )
    assert done.is_written == made.path.exists()
    return made


def sealed(path: Path, lines: list[bytes]) -> Path:
    """Write lines as a feed or a map whose header is true of them."""
    header = json.loads(lines[0])
    header["count"] = len(lines) - 1
    header["sha256"] = hashlib.sha256(b"".join(lines[1:])).hexdigest()
    path.write_bytes(json.dumps(header).encode() + b"\n" + b"".join(lines[1:]))
    return path
