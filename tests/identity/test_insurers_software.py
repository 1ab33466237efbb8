"""An insurer's software sends feeds or answers claims, and asks about nobody; a site's asks."""

import secrets

import psycopg
import pytest

from rempart.identity import ClientKey
from tests.identity.arranged import ALICE, SITE, Arranged, Row, arrange
from tests.support.asking import INSURER, Site
from tests.support.database import DatabaseUnderTest

AMC = "990001"


@pytest.fixture
def arranged(db: DatabaseUnderTest) -> Arranged:
    made = arrange(db)
    for amc in (AMC, "990002"):
        made.one("rempart_desk", "registry.add_insurer", amc, "Mutuelle d'essai")
    return made


def issue(arranged: Arranged, amc: str = AMC, scope: str = "feeds") -> bytes:
    hashed = secrets.token_bytes(32)
    issued = arranged.desk("issue_insurer_code", amc, "Logiciel", scope, hashed, "1 hour")
    assert issued["refused_because"] is None
    return hashed


def enrolled(arranged: Arranged, amc: str = AMC, scope: str = "feeds") -> tuple[ClientKey, Row]:
    key, row = arranged.enrol(issue(arranged, amc, scope))
    assert row["refused_because"] is None
    return key.enrolled(row["client_id"], None, "", insurer=row["insurer"]), row


def sender(
    arranged: Arranged, token: str | None, jkt: bytes | None, scope: str = "feeds"
) -> list[Row]:
    """Ask as the owner of the intake's functions does: no login role may."""
    owner = arranged.db.owner
    owner.execute("set role rempart_def_intake")
    try:
        found = owner.execute("select * from identity.sender(%s, %s, %s)", (token, jkt, scope))
        return list(found.fetchall())
    finally:
        owner.execute("reset role")


def test_a_code_of_an_insurers_makes_an_installation_of_an_insurers(arranged: Arranged) -> None:
    key, row = enrolled(arranged)
    assert (row["insurer"], row["site"]) == (AMC, None)
    minted = arranged.mint_row(key, secrets.token_bytes(32))
    assert (minted["minted"], minted["scope"]) == (True, "feeds")
    assert arranged.owner("select from identity.installation_account") == []


def test_a_key_does_one_thing_of_an_insurers_and_opens_nothing_of_the_other(
    arranged: Arranged,
) -> None:
    for scope, other in (("feeds", "claims"), ("claims", "feeds")):
        key, row = enrolled(arranged, scope=scope)
        minted = arranged.mint_row(key, secrets.token_bytes(32))
        assert (minted["scope"], row["insurer"]) == (scope, AMC)
        token = arranged.mint(key)
        assert len(sender(arranged, token, key.jkt, scope)) == 1
        assert sender(arranged, token, key.jkt, other) == []
        assert arranged.who(token, key.jkt) == []
    # And no word that somebody makes up, nor a site's own.
    site_key = arranged.installation(ALICE)
    assert sender(arranged, arranged.mint(site_key), site_key.jkt, "rights") == []


def test_the_token_says_which_insurer(arranged: Arranged) -> None:
    for amc in (AMC, "990002"):
        key, row = enrolled(arranged, amc)
        ((found),) = sender(arranged, arranged.mint(key), key.jkt)
        wanted = arranged.owner(
            "select insurer_id from registry.insurer where amc_number = %s", amc
        )
        assert found == {"installation_id": row["installation_id"], **wanted[0]}


def test_an_insurers_token_finds_no_account_and_not_even_an_installation(
    arranged: Arranged,
) -> None:
    key, _ = enrolled(arranged)
    token = arranged.mint(key)
    assert arranged.who(token, key.jkt, ALICE, SITE) == []
    assert arranged.who(token, key.jkt) == []


def test_a_sites_token_sends_nothing(arranged: Arranged) -> None:
    key = arranged.installation(ALICE)
    assert sender(arranged, arranged.mint(key), key.jkt) == []


def test_an_insurers_software_asks_about_nobody(site: Site) -> None:
    """With its own live token and key, through rights.ask itself: no answer, no entry."""
    arranged = Arranged(site.db)
    key, _ = enrolled(arranged, INSURER)
    before = arranged.owner("select count(*) as n from journal.entry")
    asked = site.question("alice", token=arranged.mint(key), jkt="\\x" + key.jkt.hex())
    assert site.outcome(asked) == "nothing"
    assert arranged.owner("select count(*) as n from journal.entry") == before
    assert site.outcome(site.question("alice")) == "covered"


@pytest.mark.parametrize("table", ["token", "installation"])
def test_either_row_alone_opens_nothing(arranged: Arranged, table: str) -> None:
    """Whoever could change one of the two rows has not changed what the other says."""
    key, row = enrolled(arranged)
    site_key = arranged.installation(ALICE)
    tokens = arranged.mint(key), arranged.mint(site_key)
    if table == "token":
        arranged.owner("update identity.token set scope ="
                       " case scope when 'rights' then 'feeds' else 'rights' end")  # fmt: skip
    else:
        arranged.owner(
            "update identity.installation set scope = 'rights', insurer_id = null,"
            " site_id = (select min(s.site_id) from identity.site s) where insurer_id is not null"
        )
        arranged.owner(
            "update identity.installation set scope = 'feeds', site_id = null, insurer_id = 1"
            " where installation_id <> %s",
            row["installation_id"],
        )
    for token, mine in zip(tokens, (key, site_key), strict=True):
        assert sender(arranged, token, mine.jkt) == []
        assert arranged.who(token, mine.jkt, ALICE, SITE) == []


@pytest.mark.parametrize(
    "change",
    [
        "scope = 'feeds'",
        "scope = 'claims'",
        "insurer_id = 1",
        "site_id = null",
        "scope = 'everything'",
    ],
)
def test_no_installation_is_both_or_neither(arranged: Arranged, change: str) -> None:
    arranged.installation(ALICE)
    with pytest.raises(psycopg.errors.CheckViolation):
        arranged.owner(f"update identity.installation set {change}")


def test_a_dead_token_sends_nothing(arranged: Arranged) -> None:
    key, row = enrolled(arranged)
    token = arranged.mint(key)
    assert sender(arranged, token, key.jkt) != []
    for wrong in ((None, key.jkt), (token, None), (token, bytes(32)), ("x" * 43, key.jkt)):
        assert sender(arranged, *wrong) == []
    arranged.owner("update identity.token set expires_at = clock_timestamp()")
    assert sender(arranged, token, key.jkt) == []
    fresh = arranged.mint(key)
    arranged.desk("revoke_installation", row["client_id"])
    assert sender(arranged, fresh, key.jkt) == []


def test_nobody_is_linked_to_an_insurers_software(arranged: Arranged) -> None:
    _, row = enrolled(arranged)
    linked = arranged.desk("link_account", row["client_id"], ALICE)
    assert linked["refused_because"] == "account_unknown"


@pytest.mark.parametrize(
    "changes,because",
    [
        ({"amc": "880000"}, "insurer_unknown"),
        ({"amc": None}, "insurer_unknown"),
        ({"vendor": ""}, "code_not_valid"),
        ({"scope": "rights"}, "code_not_valid"),
        ({"scope": None}, "code_not_valid"),
        ({"hash": b"short"}, "code_not_valid"),
        ({"lives": "4 days"}, "code_not_valid"),
        ({"lives": "0"}, "code_not_valid"),
    ],
)
def test_a_code_is_refused(arranged: Arranged, changes: dict[str, object], because: str) -> None:
    given: dict[str, object] = {"amc": AMC, "vendor": "L", "scope": "claims"}
    given |= {"hash": secrets.token_bytes(32), "lives": "1 hour"}
    row = arranged.desk("issue_insurer_code", *(given | changes).values())
    assert row == {"expires_at": None, "refused_because": because}


def test_a_code_serves_once_and_a_key_is_one_installations(arranged: Arranged) -> None:
    hashed = issue(arranged)
    key, first = arranged.enrol(hashed)
    assert first["refused_because"] is None
    assert arranged.enrol(hashed)[1]["refused_because"] == "code_not_valid"
    # Neither a second insurer nor a site ever gets a key that somebody has.
    for code in (issue(arranged, "990002"), arranged.issue(ALICE)):
        assert arranged.enrol(code, key)[1]["refused_because"] == "key_already_enrolled"


def test_the_list_names_the_insurer(arranged: Arranged) -> None:
    _, row = enrolled(arranged)
    listed = arranged.desk("list_installations")
    assert (listed["client_id"], listed["insurer"]) == (row["client_id"], AMC)
    assert listed["scope"] == "feeds"
    assert (listed["site"], listed["label"], listed["accounts"]) == (None, None, 0)
