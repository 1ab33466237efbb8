"""The twelve made-up insurers of the demonstration and what their plans pay."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Mode = Literal["direct", "on_request"]


@dataclass(frozen=True, slots=True)
class CategoryRule:
    """What a plan pays for one category, each unit; at most `units` in `every_months`."""

    mode: Mode
    amount_cents: int
    every_months: int
    units: int = 1


@dataclass(frozen=True, slots=True)
class DomainRule:
    """What a plan pays in one domain, as a card prints it.

    `rate_bp` counts the obligatory and the complementary part together, in basis points of the
    reimbursement base (10000 = 100 %); `amount_cents` is a flat sum, `ceiling_cents` the most
    that is paid.
    """

    mode: Mode
    rate_bp: int | None = None
    amount_cents: int | None = None
    ceiling_cents: int | None = None
    categories: Mapping[str, CategoryRule] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan of an insurer: `rules` holds the domains that it opens; the others it does not pay.

    `share` is how many of the insurer's families choose it, 0 for a top-up beside another plan.
    """

    code: str
    label: str
    share: int
    rules: Mapping[str, DomainRule]


@dataclass(frozen=True, slots=True)
class Insurer:
    """A made-up insurer; no line of this file describes a real one.

    `amc_number` is a string, since zeros count. `weight` is its part of the population. In
    `number_shape` of its member numbers, `9` stands for a digit, `A` for a letter, and anything
    else for itself.
    """

    amc_number: str
    name: str
    weight: int
    number_shape: str
    plans: tuple[Plan, ...]


def _paid(rate_bp: int, ceiling_cents: int | None = None) -> DomainRule:
    return DomainRule("direct", rate_bp=rate_bp, ceiling_cents=ceiling_cents)


def _asked(
    rate_bp: int | None = None, amount_cents: int | None = None, ceiling_cents: int | None = None
) -> DomainRule:
    return DomainRule("on_request", rate_bp, amount_cents, ceiling_cents)


def _glasses(frame_cents: int, lens_cents: int, other_cents: int) -> DomainRule:
    """One pair in two years: a frame and two lenses; the rest at a flat sum."""
    categories = {
        "MONTURE": CategoryRule("on_request", frame_cents, every_months=24),
        "VERRE": CategoryRule("on_request", lens_cents, every_months=24, units=2),
    }
    return DomainRule("on_request", amount_cents=other_cents, categories=categories)


_CITY = {name: _paid(10000) for name in ("PHAR", "LABO", "MED", "RADL", "AUXM", "TRAN")}

_ESSENTIAL: Mapping[str, DomainRule] = _CITY | {
    "DESO": _paid(10000),
    "OPTI": _glasses(3000, 3500, 10000),
    "AUDI": _asked(rate_bp=10000, ceiling_cents=70000),
    "HOSP": _asked(rate_bp=10000),
}
_BALANCED: Mapping[str, DomainRule] = _CITY | {
    "MED": _paid(12000),
    "DESO": _paid(12500),
    "DEPR": _asked(rate_bp=20000, ceiling_cents=60000),
    "OPTI": _glasses(5000, 10000, 25000),
    "AUDI": _asked(rate_bp=20000, ceiling_cents=110000),
    "HOSP": _asked(rate_bp=15000, ceiling_cents=250000),
}
_COMFORT: Mapping[str, DomainRule] = _CITY | {
    "MED": _paid(17000),
    "RADL": _paid(14500),
    "AUXM": _paid(14500),
    "DESO": _paid(20000),
    "DEPR": _asked(rate_bp=30000, ceiling_cents=150000),
    "OPTI": _glasses(8000, 17000, 42000),
    "AUDI": _asked(rate_bp=30000, ceiling_cents=170000),
    "HOSP": _asked(rate_bp=22000, ceiling_cents=500000),
}
_STUDENT: Mapping[str, DomainRule] = {
    "PHAR": _paid(6500, ceiling_cents=20000),
    "LABO": _paid(10000),
    "MED": _paid(10000),
    "AUXM": _paid(10000),
    "HOSP": _asked(rate_bp=10000),
}
_HOSPITAL_ONLY: Mapping[str, DomainRule] = {"HOSP": _asked(rate_bp=20000, ceiling_cents=400000)}
_TOP_UP: Mapping[str, DomainRule] = {
    "OPTI": _asked(amount_cents=15000),
    "DEPR": _asked(rate_bp=15000, ceiling_cents=80000),
    "HOSP": _asked(rate_bp=12000, ceiling_cents=150000),
}
_SOLIDARITY: Mapping[str, DomainRule] = _CITY | {
    "DESO": _paid(10000),
    "DEPR": _paid(10000),
    "OPTI": _paid(10000, ceiling_cents=13000),
    "AUDI": _paid(10000, ceiling_cents=95000),
    "HOSP": _paid(10000),
}


def _four(prefix: str, names: tuple[str, str, str, str]) -> tuple[Plan, ...]:
    """The usual range: three levels that exclude one another, and a top-up beside any of them."""
    essential, balanced, comfort, top_up = names
    return (
        Plan(f"{prefix}1", essential, 40, _ESSENTIAL),
        Plan(f"{prefix}2", balanced, 38, _BALANCED),
        Plan(f"{prefix}3", comfort, 22, _COMFORT),
        Plan(f"{prefix}S", top_up, 0, _TOP_UP),
    )


_USUAL = ("Essentielle", "Équilibre", "Confort", "Renfort optique et dentaire")

INSURERS: tuple[Insurer, ...] = (
    Insurer("990001", "Mutuelle des Quatre-Vents", 20, "99999999", _four("QV", _USUAL)),
    Insurer(
        "0099002",
        "Mutuelle du Grand Large",
        14,
        "GL9999999",
        _four("GL", ("Cabotage", "Hauturier", "Long cours", "Plein vent")),
    ),
    Insurer("99000301", "Prévoyance des Halles", 12, "0999999999999", _four("PH", _USUAL)),
    Insurer("990004", "Union mutualiste du Val d’Exemple", 10, "AA999999", _four("VE", _USUAL)),
    Insurer(
        "9900050001",
        "Santé Artisans Réunis",
        9,
        "999 999 999",
        _four("AR", ("Atelier", "Maîtrise", "Chef-d'œuvre", "Renfort")),
    ),
    Insurer("990006", "La Mutuelle Imaginaire", 8, "999999-99", _four("MI", _USUAL)),
    Insurer(
        "990007",
        "Institution de prévoyance Orval",
        8,
        "00999999",
        _four("OR", ("Socle", "Socle + 1", "Socle + 2", "Option")),
    ),
    Insurer("990008", "Assurances du Méridien", 6, "MER/9999999/9", _four("AM", _USUAL)),
    Insurer(
        "99000901",
        "Mutuelle des Étudiants d'Ailleurs",
        5,
        "E99999999A",
        (Plan("EA1", "Campus", 80, _STUDENT), Plan("EA2", "Campus plus", 20, _ESSENTIAL)),
    ),
    Insurer(
        "990010",
        "Solidarité Santé Fictive",
        4,
        "9999999",
        (Plan("SF1", "Solidaire", 100, _SOLIDARITY),),
    ),
    Insurer(
        "0990011",
        "Caisse des Bateliers",
        2,
        "B-99999",
        (
            Plan("CB1", "Écluse", 70, _BALANCED),
            Plan("CB2", "Hospitalisation seule", 30, _HOSPITAL_ONLY),
        ),
    ),
    Insurer(
        "99001299",
        "Mutuelle de la Belle Étoile",
        2,
        "999999A",
        (*_four("BE", _USUAL), Plan("BEH", "Hospitalisation seule", 8, _HOSPITAL_ONLY)),
    ),
)
