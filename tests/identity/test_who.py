"""identity.who: a live token finds one account; anything missing, dead or another's finds none."""

import pytest

from rempart.identity import ClientKey
from tests.identity.arranged import ALICE, BOB, CHARLIE, ELSEWHERE, SITE, Arranged, arrange
from tests.support.database import DatabaseUnderTest


@pytest.fixture
def arranged(db: DatabaseUnderTest) -> Arranged:
    return arrange(db)


@pytest.fixture
def key(arranged: Arranged) -> ClientKey:
    return arranged.installation(ALICE)


def test_alice_is_found(arranged: Arranged, key: ClientKey) -> None:
    (row,) = arranged.who(arranged.mint(key), key.jkt, ALICE, SITE)
    assert row["may_ask"] is True
    assert None not in row.values()


@pytest.mark.parametrize(
    "rpps,site",
    [
        pytest.param(BOB, SITE, id="a colleague whom this software does not speak for"),
        pytest.param(BOB, ELSEWHERE, id="another site"),
        pytest.param(ALICE, ELSEWHERE, id="the right person, elsewhere"),
        pytest.param(CHARLIE, SITE, id="somebody without an account"),
        pytest.param("10000000041", SITE, id="nobody"),
        pytest.param(ALICE, "750000026", id="no such site"),
        pytest.param(None, SITE, id="no professional"),
        pytest.param(ALICE, None, id="no site"),
        pytest.param(None, None, id="neither, as collect asks"),
        pytest.param("", "", id="empty"),
    ],
)
def test_not_linked(arranged: Arranged, key: ClientKey, rpps: str | None, site: str | None) -> None:
    (row,) = arranged.who(arranged.mint(key), key.jkt, rpps, site)
    assert row["installation_id"] is not None
    assert {name for name, value in row.items() if value is not None} == {"installation_id"}


def test_whoever_left_is_not_linked(arranged: Arranged, key: ClientKey) -> None:
    token = arranged.mint(key)
    arranged.desk("close_account", ALICE, SITE)
    (row,) = arranged.who(token, key.jkt, ALICE, SITE)
    assert row["account_id"] is None


def test_a_link_left_behind_opens_nothing_once_the_account_is_closed(
    arranged: Arranged, key: ClientKey
) -> None:
    token = arranged.mint(key)
    arranged.owner("update identity.account set left_at = clock_timestamp()")
    (row,) = arranged.who(token, key.jkt, ALICE, SITE)
    assert row["account_id"] is None


def test_a_link_to_an_account_elsewhere_opens_nothing(arranged: Arranged, key: ClientKey) -> None:
    """Even a link that should not be there does not carry a software to another site."""
    token = arranged.mint(key)
    arranged.owner(
        "insert into identity.installation_account select i.installation_id, a.account_id"
        " from identity.installation i, identity.account a on conflict do nothing"
    )
    (row,) = arranged.who(token, key.jkt, BOB, ELSEWHERE)
    assert row["account_id"] is None
    (row,) = arranged.who(token, key.jkt, BOB, SITE)
    assert row["account_id"] is not None


def test_coming_back_needs_a_new_link(arranged: Arranged, key: ClientKey) -> None:
    token = arranged.mint(key)
    (before,) = arranged.who(token, key.jkt, ALICE, SITE)
    arranged.desk("close_account", ALICE, SITE)
    arranged.desk("open_account", ALICE, SITE)
    (row,) = arranged.who(token, key.jkt, ALICE, SITE)
    assert row["account_id"] is None
    arranged.desk("link_account", key.client_id, ALICE)
    (row,) = arranged.who(token, key.jkt, ALICE, SITE)
    assert row == before


def test_another_key_opens_nothing(arranged: Arranged, key: ClientKey) -> None:
    token = arranged.mint(key)
    other = arranged.installation(BOB)
    assert arranged.who(token, other.jkt, ALICE, SITE) == []
    assert arranged.who(token, other.jkt, BOB, SITE) == []


@pytest.mark.parametrize("missing", ["token", "jkt"])
@pytest.mark.parametrize("instead", [None, "empty", "unknown"])
def test_missing_or_unknown_opens_nothing(
    arranged: Arranged, key: ClientKey, missing: str, instead: str | None
) -> None:
    token: str | None = arranged.mint(key)
    jkt: bytes | None = key.jkt
    if missing == "token":
        token = {None: None, "empty": "", "unknown": "u" * 43}[instead]
    else:
        jkt = {None: None, "empty": b"", "unknown": b"u" * 32}[instead]
    assert arranged.who(token, jkt, ALICE, SITE) == []


def test_a_hash_from_a_dump_opens_nothing(arranged: Arranged, key: ClientKey) -> None:
    arranged.mint(key)
    (row,) = arranged.owner("select token_hash from identity.token")
    for spelt in (row["token_hash"].hex(), "\\x" + row["token_hash"].hex()):
        assert arranged.who(spelt, key.jkt, ALICE, SITE) == []


@pytest.mark.parametrize(
    "death",
    [
        "update identity.token set expires_at = clock_timestamp()",
        "update identity.token set expires_at = clock_timestamp() - interval '1 second'",
        "update identity.token set revoked_at = clock_timestamp()",
        "update identity.installation set revoked_at = clock_timestamp()",
        "update identity.token set minted_at = minted_at + '1h', expires_at = expires_at + '1h'",
        "delete from identity.token",
    ],
)
def test_a_dead_token_opens_nothing(arranged: Arranged, key: ClientKey, death: str) -> None:
    token = arranged.mint(key)
    assert len(arranged.who(token, key.jkt, ALICE, SITE)) == 1
    arranged.owner(death)
    assert arranged.who(token, key.jkt, ALICE, SITE) == []


def test_a_revoked_installation_opens_nothing(arranged: Arranged, key: ClientKey) -> None:
    token = arranged.mint(key)
    arranged.desk("revoke_installation", key.client_id)
    assert arranged.who(token, key.jkt, ALICE, SITE) == []
    assert arranged.call("rempart_signin", "identity.installation_key", key.client_id) == []


def test_the_accounts_of_an_installation(arranged: Arranged) -> None:
    key = arranged.installation(ALICE, BOB)
    (row,) = arranged.owner(
        "select identity.accounts_of(installation_id) as found from identity.installation"
        " where client_id = %s",
        key.client_id,
    )
    assert len(row["found"]) == 2
    assert arranged.owner("select identity.accounts_of(null) as found") == [{"found": []}]


def test_no_login_role_may_look_behind_a_token(arranged: Arranged) -> None:
    for function in ("alive(text[], bytea[])", "who(bigint[], text[], text[], text[])"):
        (row,) = arranged.owner(
            "select coalesce(array_agg(r.rolname::text), '{}') as roles from pg_roles r where"
            " r.rolcanlogin and not r.rolsuper and has_function_privilege(r.oid, %s, 'execute')",
            f"identity.{function}",
        )
        assert row["roles"] == []
