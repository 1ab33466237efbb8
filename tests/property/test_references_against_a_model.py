"""Feeds of an insurer's key alone, whatever keys turn: nobody known has another reference."""

from pathlib import Path
from typing import ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from rempart.registry import FeedKeys, FeedProblem, TurnRefused, inner_index
from tests.registry.feeds import AMC, KEYS, day, end, line, outer, put
from tests.registry.platform import BORN, Platform
from tests.registry.rekeying import OTHER, reference
from tests.support import turning
from tests.support.database import DatabaseUnderTest
from tests.support.purging import purged

NUMBERS = ("1", "2", "3")
ANYBODY = st.sets(st.sampled_from(NUMBERS), min_size=1)
DAYS = st.sampled_from((-500, -60, -1, 200))
REFERENCE_KEYS = st.sampled_from((KEYS, OTHER))
KNOWN = (
    "select person_index, member_reference, true as is_covered from registry.coverage"
    " union select person_index, member_reference, false from registry.departed"
)


class Members(RuleBasedStateMachine):
    """Three people, two reference keys; a feed may confirm, and renames nobody."""

    platform: ClassVar[Platform]

    def __init__(self) -> None:
        super().__init__()
        self.platform.db.owner.execute(
            "truncate registry.coverage, registry.departed, registry.feed,"
            " registry.former_reference"
        )
        self.platform.db.owner.execute("delete from registry.index_generation where generation > 1")
        self.platform.db.owner.execute("update registry.index_generation set ended_at = null")
        self.newest = 1
        # Of everybody known, by number: his reference, and under which generation of keys he is.
        self.references: dict[str, bytes] = {}
        self.under: dict[str, int] = {}

    def _sent(self, path: Path, keys: FeedKeys, stated: set[str]) -> None:
        """Take a feed in: by the model it is refused exactly when it renames somebody."""
        told = {number: reference(number, keys) for number in stated}
        renames = any(self.references.get(number, his) != his for number, his in told.items())
        found = self.platform.take(path, may_rename=False)
        assert isinstance(found, FeedProblem) == renames, found
        if not renames:
            self.references |= told
            self._moved(stated)

    def _moved(self, named: set[str]) -> None:
        self.under |= dict.fromkeys(named & self.references.keys(), self.newest)

    @rule(who=ANYBODY, keys=REFERENCE_KEYS, until=DAYS)
    def states_all(self, who: set[str], keys: FeedKeys, until: int) -> None:
        covers = [line(n, valid_from=day(-600), valid_to=day(until)) for n in sorted(who)]
        self._sent(self.platform.feed(*covers, keys=keys), keys, who)

    @rule(who=ANYBODY, keys=REFERENCE_KEYS, until=DAYS, rank=st.sampled_from("12"))
    def states(self, who: set[str], keys: FeedKeys, until: int, rank: str) -> None:
        covers = [put(n, valid_to=day(until), cover_rank=rank) for n in sorted(who) if until > -400]
        if covers:
            self._sent(self.platform.delta(*covers, keys=keys), keys, who)

    @rule(who=ANYBODY, until=DAYS)
    def ends(self, who: set[str], until: int) -> None:
        ends = [end(n, day(until)) for n in sorted(who)]
        # Under the key of each: an end with another's would be a renaming too, of whoever is there.
        mine = {n for n in who if self.references.get(n) in {None, reference(n)}}
        if mine == who:
            assert not isinstance(self.platform.take(self.platform.delta(*ends)), FeedProblem)
            self._moved(who)

    @precondition(lambda self: len(self.platform.live()) == 1)
    @rule()
    def keys_begin_to_turn(self) -> None:
        self.newest += 1
        turning.begin(self.platform.db, self.newest)

    @precondition(lambda self: len(self.platform.live()) == 2)
    @rule(now=st.booleans())
    def keys_turned(self, now: bool) -> None:
        """It ends when nobody covered is left behind; who has nothing is forgotten, if told."""
        behind = {n for n, under in self.under.items() if under < self.newest}
        covered = {n for n in behind if self.platform.covered(n)}
        done = turning.end(self.platform.db, now=now)
        if covered:
            assert done is TurnRefused.COVERS_IN_FORCE
        elif behind and not now:
            assert done is TurnRefused.LEAVERS_REMEMBERED
        else:
            assert not isinstance(done, TurnRefused)
            for number in behind:
                del self.references[number], self.under[number]

    @rule()
    def a_night_passes(self) -> None:
        purged(self.platform.db)

    @invariant()
    def everybody_is_known_once_and_by_his_first_reference(self) -> None:
        rows = self.platform.db.owner.execute(KNOWN).fetchall()
        found = [(bytes(row["person_index"]), bytes(row["member_reference"])) for row in rows]
        due = [
            (outer(inner_index(KEYS.feed, AMC, number, BORN, 1), self.under[number]), his)
            for number, his in self.references.items()
        ]
        assert sorted(found) == sorted(due)


def test_a_key_alone_renames_nobody(db: DatabaseUnderTest, tmp_path: Path) -> None:
    Members.platform = Platform(db, tmp_path)
    run_state_machine_as_test(
        Members,
        settings=settings(max_examples=15, stateful_step_count=10, deadline=None, derandomize=True),
    )
