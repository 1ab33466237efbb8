"""What the demonstration found, as one JSON object and as what the screen shows."""

from dataclasses import dataclass, field

from rempart.billing import LedgerCheck
from rempart.cli.demo_payment import Paid
from rempart.journal import Bucket, BudgetCheck, Kind, Verification
from rempart.simulation.baselines import Exposure
from rempart.simulation.question import Question
from rempart.simulation.robbery import Robbery

PROFESSIONALS, SITES = 200, 120
CUSTOMERS = 24
LEAKED = 5_000


@dataclass(frozen=True, slots=True)
class Lists:
    """How the insurers' lists came in: counts, and seconds on either side."""

    insurers: int
    people: int
    covers: int
    refused: int
    prepare_s: float
    import_s: float


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """One bucket of one key after an entry: what is left of it, its size, what comes back a day."""

    kind: Kind
    bucket: Bucket
    left: int
    burst: int
    a_day: float


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """One question put by the pharmacy, and everything that came of it.

    `pharmacy` and `insurer` are names.
    """

    pharmacy: str
    insurer: str
    question: Question
    answer: dict[str, object]
    entry: dict[str, str]
    budget: tuple[BudgetLine, ...]


@dataclass(frozen=True, slots=True)
class Theft:
    """What the thief got, and what he would have got behind other limits.

    `bound_30_days` is the most people new to the pharmacy whom he could have got at in a month by
    the caps in force, whatever he did. `next_door` is what another pharmacy was answered meanwhile.
    """

    robbery: Robbery
    exposure: Exposure
    baselines: dict[str, Exposure]
    bound_30_days: int
    next_door: str


@dataclass(slots=True)
class Findings:
    """The whole demonstration; filled in the order of the show."""

    first: FirstAnswer | None = None
    theft: Theft | None = None
    journal: Verification | None = None
    budgets: BudgetCheck | None = None
    paid: Paid | None = None
    ledger: LedgerCheck | None = None
    seconds: float = field(default=0.0)

    @property
    def hold(self) -> bool:
        """Whether everything that was checked holds, and what was claimed was paid."""
        checks = (self.journal, self.budgets, self.ledger)
        is_paid = self.paid is not None and self.paid.paid_cents == self.paid.claim_cents
        return is_paid and all(check is not None and check.ok for check in checks)

    def as_json(self) -> dict[str, object]:
        """The keys that scripts rely on."""
        if self.first is None or self.theft is None or self.paid is None:
            raise TypeError("the demonstration did not run to its end")
        if not (self.journal and self.budgets):
            raise TypeError("the demonstration was not checked")
        theft = self.theft
        return {
            "answer": {key: self.first.answer[key] for key in ("outcome", "engagement")},
            "stolen_account": {
                "asked": theft.robbery.asked,
                "people_exposed": theft.exposure.people_exposed,
                "new_to_it": theft.exposure.new_to_it,
                "bound_30_days": theft.bound_30_days,
            },
            "baselines": {
                name: {
                    "people_exposed": exposure.people_exposed,
                    "new_to_it": exposure.new_to_it,
                    "hours": exposure.hours,
                }
                for name, exposure in theft.baselines.items()
            },
            "payment": {
                "claim_cents": self.paid.claim_cents,
                "paid_cents": self.paid.paid_cents,
            },
            "journal": {"entries": self.journal.entries, "ok": self.journal.ok},
            "budgets": {"ok": self.budgets.ok},
            "seconds": self.seconds,
        }
