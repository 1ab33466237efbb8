"""identity.who says may_ask: a profession asks about its own domains, and about nothing else."""

from collections.abc import Callable

import pytest

from tests.identity.arranged import ALICE, SITE, arrange
from tests.support.database import DatabaseUnderTest

ALLOWED = {
    "pharmacien": {"PHAR"},
    "medecin": {"MED"},
    "biologiste": {"LABO"},
    "opticien": {"OPTI"},
    "audioprothesiste": {"AUDI"},
    "chirurgien_dentiste": {"DESO", "DEPR"},
    "infirmier": {"AUXM"},
    "masseur_kinesitherapeute": {"AUXM"},
    "sage_femme": {"MED", "AUXM"},
    "hospitalier": {"HOSP"},
}
DOMAINS = ("PHAR", "LABO", "OPTI", "AUDI", "DESO", "DEPR", "HOSP", "MED", "RADL", "AUXM", "TRAN")


@pytest.fixture
def may(db: DatabaseUnderTest) -> Callable[[str, str | None], object]:
    """Ask whether Alice, of a profession, may ask about a domain."""
    arranged = arrange(db)
    key = arranged.installation(ALICE)
    token = arranged.mint(key)

    def may(profession: str, domain: str | None) -> object:
        arranged.owner(
            "update identity.professional set profession = %s where rpps = %s", profession, ALICE
        )
        (row,) = arranged.who(token, key.jkt, ALICE, SITE, domain)
        return row["may_ask"]

    return may


def test_each_profession_and_each_domain(may: Callable[[str, str | None], object]) -> None:
    for profession, domains in ALLOWED.items():
        for domain in DOMAINS:
            assert may(profession, domain) is (domain in domains), (profession, domain)


@pytest.mark.parametrize("domain", [None, "", "phar", "%", "PHAR "])
def test_anything_else_may_not(
    may: Callable[[str, str | None], object], domain: str | None
) -> None:
    assert may("pharmacien", domain) is False


def test_the_page_says_the_same(db: DatabaseUnderTest) -> None:
    rows = db.owner.execute("select profession, domain from identity.profession_domain").fetchall()
    assert {(r["profession"], r["domain"]) for r in rows} == {
        (profession, domain) for profession, domains in ALLOWED.items() for domain in domains
    }
