"""identity.may_ask: a profession asks about its own domains, and about nothing else."""

import pytest

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


def test_each_profession_and_each_domain(db: DatabaseUnderTest) -> None:
    for profession, domains in ALLOWED.items():
        for domain in DOMAINS:
            found = db.owner.execute(
                "select identity.may_ask(%s, %s) as may", (profession, domain)
            ).fetchone()
            assert found == {"may": domain in domains}, (profession, domain)


@pytest.mark.parametrize(
    "profession,domain",
    [(None, "PHAR"), ("pharmacien", None), (None, None), ("", ""), ("pharmacien", "phar"),
     ("PHARMACIEN", "PHAR"), ("druide", "PHAR"), ("pharmacien", "%")],
)  # fmt: skip
def test_anything_else_may_not(
    db: DatabaseUnderTest, profession: str | None, domain: str | None
) -> None:
    found = db.owner.execute(
        "select identity.may_ask(%s, %s) as may", (profession, domain)
    ).fetchone()
    assert found == {"may": False}


def test_the_page_says_the_same(db: DatabaseUnderTest) -> None:
    rows = db.owner.execute("select profession, domain from identity.profession_domain").fetchall()
    assert {(r["profession"], r["domain"]) for r in rows} == {
        (profession, domain) for profession, domains in ALLOWED.items() for domain in domains
    }
