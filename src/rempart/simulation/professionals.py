"""Two hundred made-up professionals at a hundred and twenty made-up sites."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Professional:
    """A made-up professional: `rpps` is 11 digits, Luhn-valid, in a range for tests."""

    rpps: str
    profession: str


@dataclass(frozen=True, slots=True)
class Site:
    """A place of practice: `identifier` has the nine characters of a FINESS number."""

    identifier: str
    label: str


@dataclass(frozen=True, slots=True)
class Practice:
    """Who practises where: the accounts are the pairs."""

    professionals: tuple[Professional, ...]
    sites: tuple[Site, ...]
    accounts: tuple[tuple[Professional, Site], ...]

    def at(self, site: Site) -> tuple[Professional, ...]:
        """The professionals of one site."""
        return tuple(professional for professional, place in self.accounts if place == site)


# Profession, sites, professionals at each (drawn between the two), what such a site is called.
_KINDS: tuple[tuple[str, int, tuple[int, int], str], ...] = (
    ("pharmacien", 44, (1, 3), "Pharmacie"),
    ("medecin", 22, (1, 2), "Cabinet médical"),
    ("infirmier", 12, (1, 2), "Cabinet infirmier"),
    ("chirurgien_dentiste", 10, (1, 2), "Cabinet dentaire"),
    ("opticien", 9, (1, 2), "Optique"),
    ("audioprothesiste", 4, (1, 1), "Audition"),
    ("biologiste", 7, (1, 3), "Laboratoire"),
    ("masseur_kinesitherapeute", 6, (1, 2), "Kinésithérapie"),
    ("sage_femme", 3, (1, 1), "Maison de naissance"),
    ("hospitalier", 3, (2, 3), "Clinique"),
)
_TREES = (
    "des Tilleuls", "des Ormes", "du Vieux Chêne", "des Platanes", "du Noyer", "des Acacias",
    "du Saule", "des Érables", "du Frêne", "des Cerisiers", "du Cèdre", "des Bouleaux",
    "du Charme", "des Marronniers", "de l'Olivier",
)  # fmt: skip
_TOWNS = ("Exempleville", "Saint-Fictif", "Nulle-Part-sur-Mer", "Bourg-Modèle")


def luhn_digit(digits: str) -> str:
    """The digit that makes `digits` followed by it pass Luhn's check (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, character in enumerate(reversed(digits)):
        value = int(character) * (1 if place % 2 else 2)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def _numbered(chance: random.Random, prefix: str, drawn: int, taken: set[str]) -> str:
    """A number of `prefix`, `drawn` random digits and a Luhn digit, never given twice."""
    while True:
        body = prefix + "".join(chance.choices("0123456789", k=drawn))
        number = body + luhn_digit(body)
        if number not in taken:
            taken.add(number)
            return number


def make_practice(seed: int, professionals: int = 200) -> Practice:
    """Draws 120 sites and `professionals` people; one in ten practises at a second site too."""
    chance = random.Random(f"rempart practice {seed}")
    taken: set[str] = set()
    sites: list[tuple[str, Site]] = []
    room: list[tuple[str, Site]] = []
    names = [f"{tree}, {town}" for town in _TOWNS for tree in _TREES]
    for profession, count, (fewest, most), kind in _KINDS:
        for name in chance.sample(names, count):
            site = Site(_numbered(chance, "99", 6, taken), f"{kind} {name}")
            sites.append((profession, site))
            room += [(profession, site)] * (chance.randint(fewest, most) - 1)
    chance.shuffle(room)
    # One professional at each site first, then colleagues until the number is reached.
    places = (sites + room)[:professionals]
    places += [chance.choice(sites) for _ in range(professionals - len(places))]
    accounts = [
        (Professional(_numbered(chance, "997", 7, taken), profession), site)
        for profession, site in places
    ]
    people = tuple(professional for professional, _ in accounts)
    for professional in chance.sample(people, professionals // 10):
        home = {site for who, site in accounts if who == professional}
        alike = [site for profession, site in sites if profession == professional.profession]
        accounts.append((professional, chance.choice([site for site in alike if site not in home])))
    return Practice(people, tuple(site for _, site in sites), tuple(accounts))
