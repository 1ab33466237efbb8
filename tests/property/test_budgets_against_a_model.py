"""The guard against a model that shares no code with it: the definition, by brute force."""

import itertools

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from rempart.foundation.database import hexed
from tests.support.asking import Site, asked_of, index_of
from tests.support.database import Cluster, DatabaseUnderTest, fresh_database

EVERY = 10_000_000
CAPS = {"all": 12, "new": 6, "fresh": 4, "typed": 3, "miss": 2}
PEOPLE = ("alice", "bob", "carol", "ended", "s1", "s2", "s3", "s4", "s5", "s6")
COVERED = {"alice", "bob", "carol"}


class Model:
    """What may be asked, by the definition: in every window, at most B + r * W."""

    def __init__(self) -> None:
        self.used: dict[tuple[str, str], list[int]] = {}
        self.met: set[tuple[str, str]] = set()

    def left(self, holder: str, bucket: str, now: int) -> bool:
        used = self.used.get((holder, bucket), [])
        since = ((len(used) - i + 1, now - at) for i, at in enumerate(used))
        return all(n * EVERY <= CAPS[bucket] * EVERY + window for n, window in since)

    def ask(self, account: str, person: str, evidence: str, now: int) -> str:
        both, fresh = (account, "site"), ("site", person) not in self.met
        new = fresh or (account, person) not in self.met
        if not all(self.left(h, "all", now) for h in both):
            return "too_many_questions"
        wanted = [(account, "new")] * new
        wanted += [(h, "fresh") for h in both] * fresh
        wanted += [(h, "typed") for h in both] * (fresh and evidence == "typed")
        outcome = "covered" if person in COVERED else "no_right_found"
        if not all(self.left(*w, now) for w in [*wanted, *([(account, "miss")] * fresh)]):
            wanted, outcome = [], "better" if evidence == "typed" else "exception"
        elif fresh and person not in COVERED:
            wanted.append((account, "miss"))
        for key in [*wanted, *((h, "all") for h in both)]:
            self.used.setdefault(key, []).append(now)
        if outcome in ("covered", "no_right_found"):
            self.met |= {(account, person), ("site", person)}
        return outcome


NAMES = {"better_evidence_needed": "better", "exception_possible": "exception"}
_numbers = itertools.count(1)


class Guard(RuleBasedStateMachine):
    database: DatabaseUnderTest

    @initialize()
    def start(self) -> None:
        number = next(_numbers)
        self.sites = [
            Site.make(
                self.database, identifier=f"7500{number:05}", rpps=f"1{number:08}{account:02}"
            )
            for account in range(2)
        ]
        self.model, self.now = Model(), number * 10**15
        owner = self.database.owner
        for bucket, burst in CAPS.items():
            owner.execute(
                f"update guard.budget set {bucket}_burst = %s, {bucket}_every = %s"
                f" where {bucket}_every > 0 and kind in (2, 4)",
                (burst, EVERY),
            )
        # Professionals and installations bound nothing here; the caps above are the model's.
        owner.execute(
            "update guard.budget set fresh_burst = 10000, miss_burst = 10000,"
            " all_burst = 10000 where kind in (1, 3)"
        )
        owner.execute("update guard.budget set typed_burst = 10000 where kind = 3")
        self._set_clock()

    def _set_clock(self) -> None:
        self.database.owner.execute(
            "update guard.clock set guard_at = %s, wall_at = clock_timestamp() + interval '1 day'",
            (self.now,),
        )

    @rule(seconds=st.sampled_from((0, 1, 5, 10, 30, 120)))
    def wait(self, seconds: int) -> None:
        self.now += seconds * 1_000_000
        self._set_clock()

    @rule(
        account=st.sampled_from((0, 1)),
        person=st.sampled_from(PEOPLE),
        evidence=st.sampled_from(("typed", "scan")),
    )
    def ask(self, account: int, person: str, evidence: str) -> None:
        site = self.sites[account]
        question = site.scan(person) if evidence == "scan" else site.question(person)
        said = site.outcome(question)
        assert NAMES.get(said, said) == self.model.ask(f"a{account}", person, evidence, self.now)

    @rule(people=st.lists(st.sampled_from(PEOPLE), min_size=2, max_size=5))
    def ask_at_once(self, people: list[str]) -> None:
        """Ask several in one batch, from both accounts: they are judged one after another."""
        questions = [self.sites[i % 2].question(p) for i, p in enumerate(people)]
        due = [self.model.ask(f"a{i % 2}", p, "typed", self.now) for i, p in enumerate(people)]
        rows = self.sites[0].ask(*questions)
        said = {hexed(row["attempt"]): row["outcome"] or row["refused_because"] for row in rows}
        # Past "all questions" an attempt leaves one entry a minute, and collects a count.
        told = [said.get(q["attempt"], "too_many_questions") for q in questions]
        assert [NAMES.get(s, s) for s in told] == due

    @invariant()
    def nobody_has_met_more_than_was_charged(self) -> None:
        if hasattr(self, "model"):
            met = self.database.owner.execute(
                "select count(*) as n from guard.met where holder = 4 and holder_id = %s",
                (self.sites[0].site_id,),
            ).fetchone()
            assert met is not None
            assert met["n"] == len({p for holder, p in self.model.met if holder == "site"})

    def teardown(self) -> None:
        for site in getattr(self, "sites", ()):
            if site.connection is not None:
                site.connection.close()


def test_the_guard_does_what_its_definition_says(cluster: Cluster) -> None:
    assert asked_of("alice") != index_of("alice")[:16]
    with fresh_database(cluster) as database:
        Guard.database = database
        case = Guard.TestCase
        case.settings = settings(
            max_examples=40,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        case("runTest").runTest()
