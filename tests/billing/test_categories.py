"""The list of categories that pages show is the one that the database holds to."""

from rempart.billing import CATEGORIES
from rempart.foundation.texts import Language, texts
from tests.support.database import DatabaseUnderTest


def test_the_list_is_the_databases(db: DatabaseUnderTest) -> None:
    rows = db.owner.execute("select domain, category from registry.care_category").fetchall()
    kept = {(row["domain"], row["category"]) for row in rows}
    assert {(domain, one) for domain, all_of in CATEGORIES.items() for one in all_of} == kept
    for language in Language:
        assert [one for _, one in kept if f"category.{one}" not in texts(language)] == []
