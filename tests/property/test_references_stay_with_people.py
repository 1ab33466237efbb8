"""Feeds with whatever references: one that named somebody never names anybody else."""

from pathlib import Path
from typing import ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from rempart.registry import FeedProblem, inner_index
from tests.registry.feeds import AMC, KEYS, day, line, outer, put
from tests.registry.platform import BORN, Platform
from tests.registry.rekeying import reference, sealed
from tests.support.database import DatabaseUnderTest

# Enough that two who change are less than a tenth; few change, so that they meet; two come later.
FIRST = [str(n) for n in range(27)]
CHANGING = ["0", "1", "2", "27", "28"]
NAMED_AS = st.dictionaries(
    st.sampled_from(CHANGING), st.sampled_from([*CHANGING, "new", "newer"]), min_size=1, max_size=3
)


def named_as(path: Path, names: dict[str, str]) -> Path:
    """Give members of a feed the references of others."""
    first, *lines = path.read_bytes().splitlines(keepends=True)
    given = {
        reference(number).hex().encode(): reference(of).hex().encode()
        for number, of in names.items()
    }
    changed = []
    for one in lines:
        index, his, rest = one.split(b",", 2)
        changed.append(b",".join((index, given.get(his, his), rest)))
    return sealed(path, [first, *changed])


class Named(RuleBasedStateMachine):
    """Whose each reference was first, and which one each member has."""

    platform: ClassVar[Platform]

    @initialize()
    def begins(self) -> None:
        self.platform.db.owner.execute(
            "truncate registry.coverage, registry.departed, registry.feed,"
            " registry.former_reference"
        )
        self.owner = {number: number for number in FIRST}
        self.current = dict(self.owner)
        assert not isinstance(self.platform.put(*map(line, FIRST)), FeedProblem)

    def _sent(self, path: Path, names: dict[str, str], stated: list[str]) -> None:
        told = {number: self.current.get(number, number) for number in stated} | names
        found = self.platform.take(named_as(path, told))
        another = {n for n, his in told.items() if self.current.get(n, his) != his}
        known = len(self.current.keys() & told.keys())
        sound = (
            len(set(told.values())) == len(told)
            and all(self.owner.get(his, number) == number for number, his in told.items())
            # Nobody goes back to one of before without a map.
            and not any(his in self.owner for n, his in told.items() if n in another)
            and len(another) * 10 <= known
        )
        assert isinstance(found, FeedProblem) == (not sound), (found, another)
        if sound:
            self.owner |= {his: number for number, his in told.items()}
            self.current |= told

    @rule(names=NAMED_AS)
    def states_all(self, names: dict[str, str]) -> None:
        stated = sorted(self.current.keys() | names.keys())
        self._sent(self.platform.feed(*map(line, stated)), names, stated)

    @rule(names=NAMED_AS, left=st.sampled_from(CHANGING))
    def states_all_but_one(self, names: dict[str, str], left: str) -> None:
        stated = sorted((self.current.keys() | names.keys()) - {left})
        self._sent(
            self.platform.feed(*(line(n, valid_from=day(30)) for n in stated)),
            {n: his for n, his in names.items() if n != left},
            stated,
        )

    @rule(names=NAMED_AS)
    def states_some(self, names: dict[str, str]) -> None:
        stated = sorted({*FIRST[:15], *names})
        self._sent(self.platform.delta(*map(put, stated)), names, stated)

    @invariant()
    def everybody_known_has_his_own(self) -> None:
        rows = self.platform.db.owner.execute(
            "select person_index, member_reference from registry.coverage"
            " union select person_index, member_reference from registry.departed"
        ).fetchall()
        found = {bytes(row["person_index"]): bytes(row["member_reference"]) for row in rows}
        assert len(found) == len(rows)
        assert found == {
            outer(inner_index(KEYS.feed, AMC, number, BORN, 1), 1): reference(his)
            for number, his in self.current.items()
        }


def test_a_reference_never_names_two_people(db: DatabaseUnderTest, tmp_path: Path) -> None:
    Named.platform = Platform(db, tmp_path)
    run_state_machine_as_test(
        Named,
        settings=settings(max_examples=25, stateful_step_count=8, deadline=None, derandomize=True),
    )
