"""Cards for timing probes on a platform of a test's own, and what its insurer states of them."""

from datetime import date

from rempart.simulation.population import Person
from rempart.simulation.probe_cases import Card, ProbeCards
from tests.support.real_platform import AMC

CARDS = 10
BORN = date(1950, 1, 1)
SECRET, OTHER_SECRET = "ABCDEFGHIJKLMNOPQRST", "TSRQPONMLKJIHGFEDCBA"
LIVES = {
    "COVERED": "COMPLET,2020-01-01,2099-12-31",
    "ENDED": "COMPLET,2020-01-01,2021-12-31",
    "BEGINS": "COMPLET,2098-01-01,2099-12-31",
    "GLASSES": "OPTIQUE,2020-01-01,2099-12-31",
}
LINES = "".join(
    f"{kind}{n},{BORN},1,{life},{SECRET}\n" for kind, life in LIVES.items() for n in range(CARDS)
)
"""What the insurer states of them."""


def cards() -> ProbeCards:
    def some(kind: str, *, born: date = BORN, scan: str | None = None) -> list[Card]:
        return [Card(Person(AMC, f"{kind}{n}", born, 1), scan) for n in range(CARDS)]

    return ProbeCards(
        misses={
            "unknown": some("NOBODY"),
            "wrong_birth_date": some("COVERED", born=date(1950, 1, 2)),
            "ended": some("ENDED"),
            "not_begun": some("BEGINS"),
            "domain_not_open": some("GLASSES"),
            "scan_unknown": some("NOBODY", scan=OTHER_SECRET),
            "scan_wrong_secret": some("COVERED", scan=OTHER_SECRET),
        },
        anyone={"member": some("COVERED"), "stranger": some("NOBODY")},
    )
