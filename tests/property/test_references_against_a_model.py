"""Feeds of an insurer's key alone, in any order: nobody who was known has another reference."""

from pathlib import Path
from typing import ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from rempart.registry import FeedKeys, FeedProblem, inner_index
from tests.registry.feeds import AMC, KEYS, day, end, line, outer, put
from tests.registry.platform import BORN, Platform
from tests.registry.rekeying import OTHER, reference
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
        self.references: dict[bytes, bytes] = {}

    def _sent(self, path: Path, keys: FeedKeys, stated: set[str]) -> None:
        """Take a feed in: by the model it is refused exactly when it renames somebody."""
        told = {outer(inner_index(KEYS.feed, AMC, n, BORN, 1)): reference(n, keys) for n in stated}
        renames = any(self.references.get(index, his) != his for index, his in told.items())
        found = self.platform.take(path, may_rename=False)
        assert isinstance(found, FeedProblem) == renames, found
        if not renames:
            self.references |= told

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
        mine = {n for n in who if self._reference(n) in {None, reference(n)}}
        if mine == who:
            assert not isinstance(self.platform.take(self.platform.delta(*ends)), FeedProblem)

    def _reference(self, number: str) -> bytes | None:
        return self.references.get(outer(inner_index(KEYS.feed, AMC, number, BORN, 1)))

    @rule()
    def a_night_passes(self) -> None:
        purged(self.platform.db)

    @invariant()
    def everybody_is_known_once_and_by_his_first_reference(self) -> None:
        rows = self.platform.db.owner.execute(KNOWN).fetchall()
        found = [(bytes(row["person_index"]), bytes(row["member_reference"])) for row in rows]
        assert sorted(found) == sorted(self.references.items())


def test_a_key_alone_renames_nobody(db: DatabaseUnderTest, tmp_path: Path) -> None:
    Members.platform = Platform(db, tmp_path)
    run_state_machine_as_test(
        Members,
        settings=settings(max_examples=15, stateful_step_count=10, deadline=None, derandomize=True),
    )
