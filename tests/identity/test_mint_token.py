"""identity.mint_token and proof_first_seen: once each, for a live installation, five minutes."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from rempart.identity import ClientKey
from rempart.identity.tokens import new_token, token_hash
from tests.identity.arranged import ALICE, BOB, Arranged, arrange, jti
from tests.support.database import DatabaseUnderTest


@pytest.fixture
def arranged(db: DatabaseUnderTest) -> Arranged:
    return arrange(db)


@pytest.fixture
def key(arranged: Arranged) -> ClientKey:
    return arranged.installation(ALICE)


def fresh() -> bytes:
    return token_hash(new_token())


def tokens(arranged: Arranged) -> int:
    (row,) = arranged.owner("select count(*) as found from identity.token")
    return int(row["found"])


def test_a_token_lives_five_minutes(arranged: Arranged, key: ClientKey) -> None:
    row = arranged.mint_row(key, fresh())
    left = row["expires_at"] - datetime.now(UTC)
    assert timedelta(minutes=4, seconds=50) < left <= timedelta(minutes=5, seconds=1)


@pytest.mark.parametrize(
    "changes,because",
    [
        ({"client_id": None}, "client_unknown"),
        ({"client_id": "inst_" + "0" * 32}, "client_unknown"),
        ({"jkt": None}, "client_unknown"),
        ({"jkt": b"j" * 32}, "client_unknown"),
        ({"token_hash": None}, "client_unknown"),
        ({"token_hash": b"short"}, "client_unknown"),
        ({"assertion_jti": None}, "assertion_repeated"),
        ({"assertion_jti": ""}, "assertion_repeated"),
        ({"assertion_jti": "a" * 65}, "assertion_repeated"),
        ({"proof_jti": None}, "proof_repeated"),
        ({"proof_jti": ""}, "proof_repeated"),
        ({"proof_jti": "a" * 65}, "proof_repeated"),
        ({"lives": None}, "lifetime_not_allowed"),
        ({"lives": "0 seconds"}, "lifetime_not_allowed"),
        ({"lives": "-1 minutes"}, "lifetime_not_allowed"),
        ({"lives": "301 seconds"}, "lifetime_not_allowed"),
        ({"lives": "1 year"}, "lifetime_not_allowed"),
    ],
)
def test_anything_missing_or_wrong_mints_nothing(
    arranged: Arranged, key: ClientKey, changes: dict[str, object], because: str
) -> None:
    row = arranged.mint_row(key, fresh(), **changes)
    assert row == {"minted": False, "refused_because": because, "expires_at": None, "scope": None}
    assert tokens(arranged) == 0


def test_a_revoked_installation_mints_nothing(arranged: Arranged, key: ClientKey) -> None:
    arranged.desk("revoke_installation", key.client_id)
    assert arranged.mint_row(key, fresh())["refused_because"] == "client_unknown"


def test_another_installations_key_mints_nothing(arranged: Arranged, key: ClientKey) -> None:
    other = arranged.installation(BOB)
    row = arranged.mint_row(key, fresh(), jkt=other.jkt)
    assert row["refused_because"] == "client_unknown"


def test_an_assertion_and_a_proof_serve_once(arranged: Arranged, key: ClientKey) -> None:
    first = {"assertion_jti": jti(), "proof_jti": jti()}
    assert arranged.mint_row(key, fresh(), **first)["minted"] is True
    again = arranged.mint_row(key, fresh(), assertion_jti=first["assertion_jti"])
    assert again["refused_because"] == "assertion_repeated"
    again = arranged.mint_row(key, fresh(), proof_jti=first["proof_jti"])
    assert again["refused_because"] == "proof_repeated"
    assert tokens(arranged) == 1


def test_a_refusal_uses_them_up_too(arranged: Arranged, key: ClientKey) -> None:
    used = jti()
    arranged.mint_row(key, fresh(), proof_jti=used)
    assertion = jti()
    arranged.mint_row(key, fresh(), assertion_jti=assertion, proof_jti=used)
    row = arranged.mint_row(key, fresh(), assertion_jti=assertion)
    assert row["refused_because"] == "assertion_repeated"


def test_two_installations_may_draw_the_same_identifier(arranged: Arranged, key: ClientKey) -> None:
    other = arranged.installation(BOB)
    same = {"assertion_jti": jti(), "proof_jti": jti()}
    assert arranged.mint_row(key, fresh(), **same)["minted"] is True
    assert arranged.mint_row(other, fresh(), **same)["minted"] is True


def test_a_hundred_live_tokens_at_most(arranged: Arranged, key: ClientKey) -> None:
    for _ in range(100):
        assert arranged.mint_row(key, fresh())["minted"] is True
    assert arranged.mint_row(key, fresh())["refused_because"] == "too_many_tokens"
    arranged.owner("update identity.token set expires_at = clock_timestamp()")
    assert arranged.mint_row(key, fresh())["minted"] is True


def test_of_sixteen_at_once_one_mints(arranged: Arranged, key: ClientKey) -> None:
    """The same assertion and proof through sixteen processes' connections at the same moment."""
    same, gate, minted = (jti(), jti()), threading.Barrier(16), []

    def mint() -> None:
        with arranged.db.connect("rempart_signin") as connection:
            gate.wait()
            row = connection.execute(
                "select * from identity.mint_token(%s, %s, %s, %s, %s, '5 minutes')",
                (key.client_id, *same, key.jkt, fresh()),
            ).fetchone()
            minted.append(row and row["minted"])

    threads = [threading.Thread(target=mint) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(minted, key=bool) == [False] * 15 + [True]


def test_minting_waits_for_a_revocation(arranged: Arranged, key: ClientKey) -> None:
    desk = arranged.db.connect("rempart_desk", autocommit=False)
    desk.execute("select * from identity.revoke_installation(%s)", (key.client_id,))
    answers: list[str | None] = []

    def mint() -> None:
        answers.append(arranged.mint_row(key, fresh())["refused_because"])

    waiting = threading.Thread(target=mint)
    waiting.start()
    waiting.join(0.3)
    assert waiting.is_alive()
    desk.commit()
    waiting.join(10)
    assert answers == ["client_unknown"]


@pytest.mark.parametrize(
    "jkt,one",
    [
        (None, "a" * 16),
        (b"short", "a" * 16),
        (b"k" * 32, None),
        (b"k" * 32, ""),
        (b"k" * 32, "a" * 65),
    ],
)
def test_a_proof_with_something_missing_was_never_new(
    db: DatabaseUnderTest, jkt: bytes | None, one: str | None
) -> None:
    row = db.owner.execute("select identity.proof_first_seen(%s, %s) as new", (jkt, one)).fetchone()
    assert row == {"new": False}


def test_a_proof_is_new_once_and_again_if_its_transaction_is_rolled_back(
    db: DatabaseUnderTest,
) -> None:
    statement, given = "select identity.proof_first_seen(%s, %s) as new", (b"k" * 32, jti())
    undone = db.connect("rempart_migrator", autocommit=False)
    assert undone.execute(statement, given).fetchone() == {"new": True}
    undone.rollback()
    assert db.owner.execute(statement, given).fetchone() == {"new": True}
    assert db.owner.execute(statement, given).fetchone() == {"new": False}


def test_a_browsers_key_mints_no_token_of_a_software(arranged: Arranged, key: ClientKey) -> None:
    """Such a token would not lock, and would outlive the session."""
    arranged.db.owner.execute(
        "insert into identity.colleague (account_id, user_handle, name, is_administrator,"
        " invited_at, last_seen_at) select account_id, sha256(''), 'Alice', true,"
        " clock_timestamp(), clock_timestamp() from identity.installation_account"
    )
    arranged.db.owner.execute(
        "insert into identity.browser (installation_id, account_id)"
        " select l.installation_id, l.account_id from identity.installation_account l"
        " join identity.installation i using (installation_id) where i.jkt = %s",
        (key.jkt,),
    )
    assert arranged.mint_row(key, fresh())["refused_because"] == "client_unknown"
    assert arranged.call("rempart_signin", "identity.installation_key", key.client_id) == []
