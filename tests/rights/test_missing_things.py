"""Whatever is missing, nobody is answered: one test for each missing thing."""

import secrets
from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg.types.json import Jsonb

from rempart.foundation.database import hexed
from tests.support.asking import Site, collect, one
from tests.support.copies import renew_token
from tests.support.database import Cluster, fresh_database

REQUIRED = (
    "attempt", "token", "jkt", "proof", "proof_jti", "network", "edge", "boot", "professional",
    "site", "insurer", "person_indexes", "asked", "cards", "domain", "care_on", "evidence",
    "reference", "sameness", "digest", "engagement_id", "engagement_hash",
)  # fmt: skip


def nothing_moved(site: Site, before: tuple[object, object]) -> bool:
    return state(site) == before


def state(site: Site) -> tuple[object, object]:
    owner = site.db.owner
    return (
        one(owner, "select count(*) as n from journal.entry")["n"],
        owner.execute("select * from guard.budget order by kind, id").fetchall(),
    )


@pytest.fixture(scope="module")
def kept(cluster: Cluster) -> Iterator[Site]:
    with fresh_database(cluster) as database:
        yield Site.make(database)


@pytest.fixture
def calm(kept: Site) -> Site:
    """One site for all that is misuse or nobody's; its token lives for each test."""
    renew_token(kept)
    return kept


@pytest.fixture
def before(calm: Site) -> tuple[object, object]:
    return state(calm)


def test_the_list_of_fields_is_whole(calm: Site) -> None:
    fields = calm.db.owner.execute(
        "select attname from pg_attribute where attrelid = 'rights.question'::regclass"
        " and attnum > 0 order by attnum"
    ).fetchall()
    assert tuple(row["attname"] for row in fields) == REQUIRED


@pytest.mark.parametrize("name", REQUIRED)
def test_a_field_that_is_null_or_absent_is_misuse(
    calm: Site, before: tuple[object, object], name: str
) -> None:
    whole = calm.question()
    for broken in ({**whole, name: None}, {k: v for k, v in whole.items() if k != name}):
        with pytest.raises(psycopg.Error) as raised:
            calm.ask(broken)
        assert raised.value.sqlstate == "RP001"
    assert nothing_moved(calm, before)
    assert calm.outcome(whole) == "covered"


@pytest.mark.parametrize("batch", [None, {}, [], [None], 1, "x"])
def test_what_is_not_a_batch_is_misuse(calm: Site, batch: object) -> None:
    with pytest.raises(psycopg.Error):
        calm.edge().execute("call rights.ask(%s)", (Jsonb(batch),))


def test_a_batch_that_is_null_is_misuse(calm: Site) -> None:
    with pytest.raises(psycopg.Error) as raised:
        calm.edge().execute("call rights.ask(null)")
    assert raised.value.sqlstate == "RP001"


DEAD: dict[str, Callable[[Site], dict[str, object]]] = {
    "unknown token": lambda _: {"token": secrets.token_urlsafe(32)},
    "another key": lambda _: {"jkt": hexed(secrets.token_bytes(32))},
    "the token's hash": lambda site: {
        "token": one(site.db.owner, "select encode(token_hash, 'hex') as h from identity.token")[
            "h"
        ]
    },
}


@pytest.mark.parametrize("how", DEAD)
def test_a_token_that_is_not_the_askers_opens_nothing(
    calm: Site, before: tuple[object, object], how: str
) -> None:
    assert calm.outcome(calm.question() | DEAD[how](calm)) == "nothing"
    assert nothing_moved(calm, before)


KILLS = {
    "token revoked": "update identity.token set revoked_at = clock_timestamp()",
    "token expired": "update identity.token set minted_at = minted_at - interval '6 minutes',"
    " expires_at = expires_at - interval '6 minutes'",
    "token gone": "delete from identity.token",
    "installation revoked": "update identity.installation set revoked_at = clock_timestamp()",
}


@pytest.mark.parametrize("how", KILLS)
def test_a_dead_token_opens_nothing(site: Site, how: str) -> None:
    assert site.outcome(site.question()) == "covered"
    site.db.owner.execute(KILLS[how])
    before = state(site)
    assert site.outcome(site.question()) == "nothing"
    assert nothing_moved(site, before)


UNLINKED = {
    "account left": "update identity.account set left_at = clock_timestamp()",
    "link gone": "delete from identity.installation_account",
}


@pytest.mark.parametrize("how", UNLINKED)
def test_an_account_that_is_not_linked_is_refused_at_the_installations_cost(
    site: Site, how: str
) -> None:
    site.db.owner.execute(UNLINKED[how])
    before = state(site)
    assert site.outcome(site.question()) == "professional_not_linked"
    assert not nothing_moved(site, before)


@pytest.mark.parametrize("field", ["professional", "site"])
def test_naming_somebody_else_is_refused(site: Site, field: str) -> None:
    other = Site.make(site.db, identifier="750000002", rpps="10000000002")
    named: dict[str, str] = {"professional": other.rpps, "site": other.identifier}
    for value in (named[field], "unknown"):
        assert site.outcome(site.question() | {field: value}) == "professional_not_linked"


@pytest.mark.parametrize("kind", [1, 2, 3, 4])
def test_a_budget_row_that_is_missing_refuses(site: Site, kind: int) -> None:
    site.db.owner.execute("delete from guard.budget where kind = %s", (kind,))
    assert site.outcome(site.question()) == "account_not_ready"


@pytest.mark.parametrize(
    "statement",
    [
        "delete from registry.plan_domain",
        "delete from registry.coverage",
        "update registry.coverage set plan_id = 0",
    ],
)
def test_a_registry_row_that_is_missing_is_no_right(site: Site, statement: str) -> None:
    site.db.owner.execute(statement)
    assert site.outcome(site.question()) == "no_right_found"


def test_a_closed_insurer_is_not_served(site: Site) -> None:
    site.db.owner.execute("update registry.insurer set closed_at = clock_timestamp()")
    assert site.outcome(site.question()) == "insurer_not_served"


def test_a_profession_without_domains_may_ask_nothing(site: Site) -> None:
    site.db.owner.execute("delete from identity.profession_domain")
    assert site.outcome(site.question()) == "domain_not_allowed"


@pytest.mark.parametrize(
    "kind,bucket",
    [(1, "all"), (2, "all"), (4, "all"), (2, "new"), (2, "typed"), (2, "fresh"), (3, "fresh"),
     (4, "fresh"), (2, "miss"), (3, "miss")],
)  # fmt: skip
def test_a_key_whose_caps_bound_nothing_may_not_ask(site: Site, kind: int, bucket: str) -> None:
    site.db.owner.execute(f"update guard.budget set {bucket}_every = 0 where kind = %s", (kind,))
    assert site.outcome(site.question()) == "account_not_ready"


SIZES = {
    "attempt": 16, "asked": 16, "edge": 16, "boot": 16, "engagement_id": 16, "engagement_hash": 32,
    "sameness": 32,
}  # fmt: skip


@pytest.mark.parametrize("name", [*SIZES, "reference"])
def test_a_field_of_the_wrong_size_is_misuse(
    calm: Site, before: tuple[object, object], name: str
) -> None:
    whole = calm.question()
    wrong = (
        [hexed(bytes(SIZES[name] + step)) for step in (-1, 1)] if name in SIZES else ["", "r" * 65]
    )
    for value in wrong:
        with pytest.raises(psycopg.Error) as raised:
            calm.ask({**whole, name: value})
        assert raised.value.sqlstate == "RP001"
    assert nothing_moved(calm, before)


def test_one_dead_token_in_a_batch_leaves_the_others_answered(site: Site) -> None:
    good, dead = site.question(), site.question("bob", token=secrets.token_urlsafe(32))
    site.edge().execute("call rights.ask(%s)", (Jsonb([dead, good]),))
    assert [row["outcome"] for row in collect(site.edge(), dead, good)] == ["covered"]


def test_all_questions_used_up_makes_one_entry_a_minute(site: Site) -> None:
    site.db.owner.execute("update guard.clock set wall_at = clock_timestamp() + interval '1 day'")
    site.empty("all", 2)
    before = state(site)[0]
    assert {site.outcome(site.question()) for _ in range(5)} == {"too_many_questions"}
    assert isinstance(before, int)
    assert state(site)[0] == before + 1
    site.db.owner.execute("update guard.clock set guard_at = guard_at + 61000000")
    site.empty("all", 2)
    site.ask(site.question())
    told = site.db.owner.execute("select tally from journal.entry order by entry_no").fetchall()
    assert [row["tally"] for row in told][-2:] == [1, 5]


def test_a_repeated_proof_is_refused_and_costs_its_owner_nothing(site: Site) -> None:
    first = site.question()
    assert site.outcome(first) == "covered"
    spent = state(site)[1]
    again = site.question("bob", proof_jti=first["proof_jti"])
    assert site.outcome(again) == "proof_repeated"
    levels = (
        "select kind, id, all_tat, new_tat, fresh_tat, miss_tat from guard.budget order by 1, 2"
    )
    assert [
        {k: row[k] for k in ("kind", "id", "all_tat", "new_tat", "fresh_tat", "miss_tat")}
        for row in spent  # type: ignore[attr-defined]  # rows of the table
    ] == site.db.owner.execute(levels).fetchall()
