"""Plays the demonstration: lists in, a morning of questions, a theft, the books; shows each."""

from itertools import cycle

from rempart.billing import LedgerCheck, check_ledger
from rempart.cli.demo_entry import budget_after, find_entry, most_in, shown_entry
from rempart.cli.demo_fill import fill
from rempart.cli.demo_payment import be_paid
from rempart.cli.demo_platform import Platform
from rempart.cli.demo_practice import enrol_robbed, installations_folder
from rempart.cli.demo_results import CUSTOMERS, LEAKED, Findings, FirstAnswer, Theft
from rempart.cli.demo_screen import Screen
from rempart.cli.demo_state import SEED
from rempart.foundation.database import Database
from rempart.foundation.errors import UnavailableError
from rempart.journal import Bucket, Kind, check_budgets, verify
from rempart.simulation.baselines import BASELINES, Exposure, run_baseline
from rempart.simulation.customers import Customer, morning
from rempart.simulation.installation import Installation, load_installation
from rempart.simulation.plans import INSURERS
from rempart.simulation.population import Person, Population
from rempart.simulation.professionals import Site, make_practice
from rempart.simulation.question import Question, question_about
from rempart.simulation.robbery import Loot, Robbery, rob
from rempart.simulation.software import Software
from rempart.simulation.thief import ListThief, steal_list
from rempart.simulation.truth import Truth

_DOMAIN = "PHAR"
_DELIVERED = {
    "category": "PH4",
    "quantity": 1,
    "price_cents": 2_000,
    "base_cents": 2_000,
    "obligatory_cents": 600,
}
"""A box of medicine at 20 euros, of which the obligatory insurance pays 30 %."""
_NEXT_DOOR = "pharmacy"
_MONTH_DAYS = 30
_ADULT_DAYS = 18 * 366
_INSURER_NAMES = {insurer.amc_number: insurer.name for insurer in INSURERS}


class Show:
    """One demonstration, on a platform that runs, about people who do not exist."""

    def __init__(self, platform: Platform, population: Population, screen: Screen) -> None:
        """Take what it happens on, who is in it, and where it is shown."""
        self._platform = platform
        self._population = population
        self._today = population.today
        self._truth = Truth(population)
        self._screen = screen
        self.findings = Findings()

    async def play(self) -> None:
        """Play everything, in order; what was found is in `findings`."""
        installation, site = await self._prepare()
        customers = self._customers()
        async with await Database.open(
            self._platform.reached.conninfo("rempart_journal")
        ) as journal:
            with Software(installation.key, self._platform.addresses) as software:
                await self._serve(software, installation, site, customers, journal)
                self._be_robbed(software, installation, customers)
                with self._screen.waiting("payment"):
                    cents = self._claim(software)
                    paid = await be_paid(self._platform, software, site.identifier, cents)
                self.findings.paid = paid
                self._screen.paid(paid)
            with self._screen.waiting("books"):
                self.findings.journal = await verify(journal)
                self.findings.budgets = await check_budgets(journal)
                self.findings.ledger = await self._ledger()
        self._screen.books(self.findings)

    async def _prepare(self) -> tuple[Installation, Site]:
        """Whom the insurers cover, who may ask, and with which softwares."""
        with self._screen.waiting("lists"):
            lists = await fill(self._platform, self._population)
            robbed = await enrol_robbed(self._platform, make_practice(SEED))
        self._screen.lists(lists)
        return robbed

    def _customers(self) -> list[Customer]:
        """The morning's customers; the first to be shown has a cover, and a card that is typed."""

        def shows_well(customer: Customer) -> bool:
            is_adult = (self._today - customer.person.birth_date).days > _ADULT_DAYS
            is_covered = self._outcome(customer.person) == "covered"
            return is_adult and is_covered and customer.card_secret is None

        customers = morning(self._population, SEED, CUSTOMERS)
        return sorted(customers, key=lambda customer: not shows_well(customer))

    async def _serve(
        self,
        software: Software,
        installation: Installation,
        site: Site,
        customers: list[Customer],
        journal: Database,
    ) -> None:
        """Ask about each customer as an honest pharmacy does; show the first question whole."""
        names = cycle(installation.professionals)
        for customer in customers:
            question = self._question(installation, customer, next(names))
            reply = software.ask(question)
            if reply.outcome is None:
                raise UnavailableError(f"an honest question was refused: {reply.refused_because}")
            if self.findings.first is None:
                entry = await find_entry(journal, _receipt_number(reply.body))
                self.findings.first = FirstAnswer(
                    pharmacy=site.label,
                    insurer=_INSURER_NAMES[question.insurer],
                    question=question,
                    answer=reply.body,
                    entry=shown_entry(entry),
                    budget=budget_after(entry),
                )
                self._screen.answered(self.findings.first)

    def _be_robbed(
        self, software: Software, installation: Installation, customers: list[Customer]
    ) -> None:
        """Let the thief at it, then at the same truth behind the limits of others."""
        leaked = steal_list(self._population, SEED, LEAKED)
        known = {customer.person for customer in customers}
        loot = Loot(installation.professionals, installation.site, _DOMAIN)
        with self._screen.robbing(LEAKED, len(customers)) as show_progress:
            robbery = rob(software, loot, leaked, self._today, show_progress)
        self.findings.theft = Theft(
            robbery=robbery,
            exposure=Exposure(
                len(robbery.exposed), robbery.new_to(known), round(robbery.seconds / 3600, 4)
            ),
            baselines=self._baselines(leaked, known, robbery),
            bound_30_days=self._bound(),
            next_door=self._ask_next_door(customers[0]),
        )
        self._screen.robbed(self.findings.theft)

    def _claim(self, software: Software) -> int:
        """Claim what was guaranteed before the theft: it is owed whatever has happened since."""
        if self.findings.first is None:
            raise TypeError
        engagement = self.findings.first.answer["engagement"]
        told = {"engagement": engagement, "reference": "demonstration", "lines": [_DELIVERED]}
        reply = software.claim(told)
        if reply.status != 200:
            raise UnavailableError(f"an honest claim was refused: {reply.refused_because}")
        return int(str(reply.body["amount_cents"]))

    async def _ledger(self) -> LedgerCheck:
        async with await Database.open(
            self._platform.reached.conninfo("rempart_jobs"), max_size=1
        ) as jobs:
            return await check_ledger(jobs)

    def _ask_next_door(self, customer: Customer) -> str:
        """Ask about one honest customer from another pharmacy, right after the theft."""
        folder = installations_folder(self._platform.settings.state_dir)
        neighbour = load_installation(folder, _NEXT_DOOR)
        with Software(neighbour.key, self._platform.addresses) as software:
            question = self._question(neighbour, customer, neighbour.professionals[0])
            reply = software.ask(question)
        return reply.outcome or f"{reply.refused_because}"

    def _baselines(
        self, leaked: tuple[Person, ...], known: set[Person], robbery: Robbery
    ) -> dict[str, Exposure]:
        """The same thief on the same list, answered at the same pace."""
        pace = robbery.asked / robbery.seconds
        return {
            name: run_baseline(limiter(), ListThief(leaked), self._outcome, known, pace)
            for name, limiter in BASELINES.items()
        }

    def _bound(self) -> int:
        """The most people new to the pharmacy, card typed, in a month: B + r * 30 days."""
        if self.findings.first is None:
            raise TypeError
        (line,) = (
            line
            for line in self.findings.first.budget
            if (line.kind, line.bucket) == (Kind.SITE, Bucket.TYPED)
        )
        return most_in(line, _MONTH_DAYS)

    def _outcome(self, person: Person) -> str:
        return self._truth.outcome(person, _DOMAIN, self._today)

    def _question(
        self, installation: Installation, customer: Customer, professional: str
    ) -> Question:
        return question_about(
            customer.person,
            domain=_DOMAIN,
            on=self._today,
            professional=professional,
            site=installation.site,
            card_secret=customer.card_secret,
        )


def _receipt_number(answer: dict[str, object]) -> str:
    receipt = answer["receipt"]
    if not isinstance(receipt, dict):
        raise TypeError
    return str(receipt["entry"])
