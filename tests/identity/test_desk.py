"""The desk's functions and their Python: idempotent, refusing in words of theirs, caps included."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

import pytest

from rempart import identity
from rempart.foundation.database import Database
from rempart.foundation.errors import BadInputError
from rempart.identity import Account, DeskRefusal, EnrolmentCode
from tests.identity.arranged import ALICE, BOB, CHARLIE, ELSEWHERE, SITE, Arranged, arrange
from tests.support.database import DatabaseUnderTest

T = TypeVar("T")


@pytest.fixture
def arranged(db: DatabaseUnderTest) -> Arranged:
    return arrange(db)


def as_role(
    db: DatabaseUnderTest, work: Callable[[Database], Awaitable[T]], role: str = "rempart_desk"
) -> T:
    async def done() -> T:
        async with await Database.open(db.dsn(role), max_size=1) as database:
            return await work(database)

    return asyncio.run(done())


@pytest.mark.parametrize(
    "rpps,profession,because",
    [
        (None, "pharmacien", "professional_not_valid"),
        ("", "pharmacien", "professional_not_valid"),
        ("1000000001", "pharmacien", "professional_not_valid"),
        ("1000000001A", "pharmacien", "professional_not_valid"),
        ("10000000017\n", "pharmacien", "professional_not_valid"),
        ("10000000041", None, "profession_unknown"),
        ("10000000041", "druide", "profession_unknown"),
        (ALICE, "medecin", "profession_differs"),
    ],
)
def test_add_professional_refuses(
    arranged: Arranged, rpps: str | None, profession: str | None, because: str
) -> None:
    row = arranged.desk("add_professional", rpps, profession)
    assert row == {"professional_id": None, "refused_because": because}


@pytest.mark.parametrize(
    "number,label",
    [(None, "x"), ("", "x"), ("75000001", "x"), ("7500000187", "x"), ("2C0000015", "x"),
     ("750000026", None), ("750000026", ""), ("750000026", "x" * 121)],
)  # fmt: skip
def test_add_site_refuses(arranged: Arranged, number: str | None, label: str | None) -> None:
    row = arranged.desk("add_site", number, label)
    assert row == {"site_id": None, "refused_because": "site_not_valid"}


def test_the_same_again_changes_nothing(arranged: Arranged) -> None:
    before = arranged.owner("select * from identity.account order by account_id")
    for _ in range(2):
        first = arranged.desk("add_professional", ALICE, "pharmacien")
        assert first == arranged.desk("add_professional", ALICE, "pharmacien")
        assert arranged.desk("add_site", SITE, "Autre nom")["refused_because"] is None
        assert arranged.desk("open_account", ALICE, SITE)["refused_because"] is None
    assert arranged.owner("select * from identity.account order by account_id") == before
    labels = arranged.owner("select distinct label from identity.site")
    assert labels == [{"label": "Pharmacie d'essai"}]


@pytest.mark.parametrize(
    "function,args,because",
    [
        ("open_account", ("10000000041", SITE), "professional_unknown"),
        ("open_account", (None, SITE), "professional_unknown"),
        ("open_account", (ALICE, "750000026"), "site_unknown"),
        ("open_account", (ALICE, None), "site_unknown"),
        ("close_account", (CHARLIE, SITE), "account_unknown"),
        ("close_account", (None, SITE), "account_unknown"),
        ("close_account", (ALICE, None), "account_unknown"),
        ("link_account", ("inst_" + "0" * 32, ALICE), "installation_unknown"),
        ("link_account", (None, ALICE), "installation_unknown"),
        ("revoke_installation", ("inst_" + "0" * 32,), "installation_unknown"),
        ("revoke_installation", (None,), "installation_unknown"),
    ],
)
def test_what_is_not_there_is_refused(
    arranged: Arranged, function: str, args: tuple[str | None, ...], because: str
) -> None:
    row = arranged.desk(function, *args)
    assert row["refused_because"] == because
    assert {value for name, value in row.items() if name != "refused_because"} == {None}


def test_closing_and_opening_keep_the_account(arranged: Arranged) -> None:
    first = arranged.desk("open_account", ALICE, SITE)
    closed = arranged.desk("close_account", ALICE, SITE)
    left = arranged.owner("select left_at from identity.account where left_at is not null")
    assert closed["account_id"] == first["account_id"]
    assert arranged.desk("close_account", ALICE, SITE)["refused_because"] is None
    assert arranged.owner("select left_at from identity.account where left_at is not null") == left
    assert arranged.desk("open_account", ALICE, SITE) == first


@pytest.mark.parametrize("rpps", [None, CHARLIE, "10000000041"])
def test_only_an_open_account_of_the_site_is_linked(arranged: Arranged, rpps: str | None) -> None:
    key = arranged.installation(ALICE, site=SITE)
    row = arranged.desk("link_account", key.client_id, rpps)
    assert row == {"account_id": None, "refused_because": "account_unknown"}


def test_linking(arranged: Arranged) -> None:
    key = arranged.installation(ALICE, site=SITE)
    for _ in range(2):
        assert arranged.desk("link_account", key.client_id, BOB)["refused_because"] is None
    elsewhere = arranged.installation(BOB, site=ELSEWHERE)
    refused = arranged.desk("link_account", elsewhere.client_id, ALICE)
    assert refused["refused_because"] == "account_unknown"
    arranged.desk("close_account", BOB, SITE)
    refused = arranged.desk("link_account", key.client_id, BOB)
    assert refused["refused_because"] == "account_unknown"
    arranged.desk("revoke_installation", key.client_id)
    refused = arranged.desk("link_account", key.client_id, ALICE)
    assert refused["refused_because"] == "installation_unknown"


def test_revoking_twice_keeps_the_first_time(arranged: Arranged) -> None:
    key = arranged.installation()
    arranged.mint(key)
    first = arranged.desk("revoke_installation", key.client_id)
    assert arranged.desk("revoke_installation", key.client_id) == first
    rows = arranged.owner("select revoked_at from identity.token")
    assert [row["revoked_at"] for row in rows] == [first["revoked_at"]]


def test_python_opens_an_account_with_its_caps(db: DatabaseUnderTest) -> None:
    async def work(desk: Database) -> Account | DeskRefusal:
        await identity.add_professional(desk, ALICE, "pharmacien")
        await identity.add_site(desk, SITE, "Pharmacie d'essai")
        await identity.open_account(desk, ALICE, SITE)
        return await identity.open_account(desk, ALICE, SITE)

    account = as_role(db, work)
    assert isinstance(account, Account)
    budgets = db.owner.execute("select kind, id from guard.budget order by kind").fetchall()
    assert [(row["kind"], row["id"]) for row in budgets] == [
        (2, account.account_id),
        (3, account.professional_id),
        (4, account.site_id),
    ]


def test_python_does_the_desks_work(db: DatabaseUnderTest) -> None:
    arranged = arrange(db)
    key = arranged.installation(ALICE)
    client_id = key.client_id or ""

    async def work(desk: Database) -> None:
        code = await identity.issue_code(desk, SITE, [ALICE], " Essai ", timedelta(hours=2))
        assert isinstance(code, EnrolmentCode)
        assert isinstance(code.expires_at, datetime)
        assert isinstance(await identity.link_account(desk, client_id, BOB), int)
        assert isinstance(await identity.close_account(desk, BOB, SITE), int)
        assert await identity.link_account(desk, client_id, BOB) == DeskRefusal("account_unknown")
        revoked = await identity.revoke_installation(desk, client_id)
        assert isinstance(revoked, datetime)
        unknown = await identity.revoke_installation(desk, "inst_" + "0" * 32)
        assert unknown == DeskRefusal("installation_unknown")
        nobody = await identity.open_account(desk, "10000000041", SITE)
        assert nobody == DeskRefusal("professional_unknown")

    as_role(db, work)


@pytest.mark.parametrize("rpps", ["", "1000000001", "10000000012", "１0000000017", "10000000017 "])
def test_no_rpps_number(rpps: str) -> None:
    with pytest.raises(BadInputError) as refused:
        identity.read_rpps(rpps)
    assert refused.value.field == "professional"
    assert not rpps or rpps not in str(refused.value)


@pytest.mark.parametrize(
    "site", ["", "75000001", "7500000181", "2C0000015", "A50000018", "75000001\n"]
)
def test_no_site_number(site: str) -> None:
    with pytest.raises(BadInputError) as refused:
        identity.read_site(site)
    assert refused.value.field == "site"


@pytest.mark.parametrize("site", ["750000018", "750000019", "2A0000015", "2B0000015", "0B0172805"])
def test_site_numbers(site: str) -> None:
    assert identity.read_site(site) == site


@pytest.mark.parametrize("label", ["", "  ", "x" * 81, "a\nb", "a\x1bb"])
def test_no_label(db: DatabaseUnderTest, label: str) -> None:
    with pytest.raises(BadInputError, match="label"):
        as_role(db, lambda desk: identity.add_site(desk, SITE, label))


def test_installations_are_listed_with_what_became_of_them(arranged: Arranged) -> None:
    assert as_role(arranged.db, identity.list_installations) == []
    unused, used = arranged.installation(ALICE, BOB), arranged.installation(BOB, site=ELSEWHERE)
    arranged.mint(used)
    arranged.desk("revoke_installation", unused.client_id)
    arranged.desk("close_account", BOB, SITE)
    elsewhere, here = as_role(arranged.db, identity.list_installations)
    assert (here.client_id, here.site, here.label) == (unused.client_id, SITE, "Pharmacie d'essai")
    assert (here.vendor, here.accounts, here.last_used) == ("Essai", 1, None)
    assert here.revoked_at is not None
    assert here.since < here.revoked_at
    assert (elsewhere.client_id, elsewhere.site) == (used.client_id, ELSEWHERE)
    assert elsewhere.last_used is not None
    assert elsewhere.since < elsewhere.last_used
    assert elsewhere.revoked_at is None


def test_a_token_that_is_refused_is_no_use(arranged: Arranged) -> None:
    key = arranged.installation()
    assert arranged.mint_row(key, b"short")["minted"] is False
    (found,) = as_role(arranged.db, identity.list_installations)
    assert found.last_used is None
