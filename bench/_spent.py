"""Which process spends how much processor time on a question: what is left when others share it."""

import os
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from rempart.cli.demo_platform import Platform

_TICK_US: Final = 1_000_000 / os.sysconf("SC_CLK_TCK")
_PARTS: Final = ("edge", "blinding", "signin", "heart", "jobs")


def spent(platform: Platform) -> dict[str, float]:
    """Return the microseconds of processor time that each part has had, its children's included.

    From /proc (Linux), which counts in hundredths of a second: for long measurements. `load` is
    this very process.
    """
    children, times = _processes()
    embedded = platform.reached.embedded
    assert embedded is not None
    first = {"load": os.getpid()}
    first["postgres"] = int((embedded.data_dir / "postmaster.pid").read_text().split()[0])
    running = platform.supervisor._running  # noqa: SLF001 - whose processes these are, it alone knows
    first |= {name: running[name].pid for name in _PARTS}
    found = {name: _tree(pid, children, times) for name, pid in first.items() if name != "load"}
    return {"load": times[os.getpid()], **found}


def each(before: Mapping[str, float], after: Mapping[str, float], count: int) -> dict[str, int]:
    """Return the microseconds of each part for one of `count` questions, and their sum."""
    found = {name: round((after[name] - before[name]) / count) for name in after}
    return {**found, "in all": sum(found.values())}


def _processes() -> tuple[dict[int, list[int]], dict[int, float]]:
    children: dict[int, list[int]] = defaultdict(list)
    times: dict[int, float] = defaultdict(float)
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            said = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        pid = int(entry.name)
        children[int(said[1])].append(pid)
        times[pid] = (int(said[11]) + int(said[12])) * _TICK_US
    return children, times


def _tree(pid: int, children: Mapping[int, list[int]], times: Mapping[int, float]) -> float:
    under = sum(_tree(child, children, times) for child in children.get(pid, ()))
    return times.get(pid, 0.0) + under
