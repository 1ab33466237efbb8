"""identity.issue_code and enrol_installation: one code, one key, once, for open accounts."""

import hashlib
import threading

import msgspec
import pytest

from rempart.identity import ClientKey
from rempart.identity.codes import code_hash, new_code
from tests.identity.arranged import (
    ALICE,
    BOB,
    CHARLIE,
    ELSEWHERE,
    SITE,
    Arranged,
    arrange,
    jti,
)
from tests.support.database import DatabaseUnderTest

NOTHING = {"client_id": None, "installation_id": None, "site": None, "insurer": None}


@pytest.fixture
def arranged(db: DatabaseUnderTest) -> Arranged:
    return arrange(db)


def test_a_code_enrols_a_key_for_its_accounts(arranged: Arranged) -> None:
    key, row = arranged.enrol(arranged.issue(ALICE, BOB))
    assert row["refused_because"] is None
    assert row["site"] == SITE
    assert row["client_id"].startswith("inst_")
    found = arranged.signin("installation_key", row["client_id"])
    assert found["jkt"] == key.jkt == hashlib.sha256(found["public_jwk"].encode()).digest()
    linked = arranged.owner("select count(*) as n from identity.installation_account")
    assert linked == [{"n": 2}]


def test_a_code_serves_once(arranged: Arranged) -> None:
    code = arranged.issue(ALICE)
    arranged.enrol(code)
    _, row = arranged.enrol(code)
    assert row == NOTHING | {"refused_because": "code_not_valid"}


@pytest.mark.parametrize("code", [None, b"", b"c" * 32])
def test_an_unknown_code_opens_nothing(arranged: Arranged, code: bytes) -> None:
    arranged.issue(ALICE)
    _, row = arranged.enrol(code)
    assert row == NOTHING | {"refused_because": "code_not_valid"}


def test_an_expired_code_opens_nothing(arranged: Arranged) -> None:
    code = arranged.issue(ALICE)
    arranged.owner("update identity.enrolment_code set expires_at = clock_timestamp()")
    _, row = arranged.enrol(code)
    assert row["refused_because"] == "code_not_valid"


def test_a_code_whose_accounts_have_left_opens_nothing(arranged: Arranged) -> None:
    code = arranged.issue(ALICE)
    arranged.desk("close_account", ALICE, SITE)
    _, row = arranged.enrol(code)
    assert row["refused_because"] == "code_not_valid"


def test_who_has_left_meanwhile_is_not_linked(arranged: Arranged) -> None:
    code = arranged.issue(ALICE, BOB)
    arranged.desk("close_account", ALICE, SITE)
    _, row = arranged.enrol(code)
    assert row["refused_because"] is None
    assert arranged.owner("select count(*) as n from identity.installation_account") == [{"n": 1}]


def test_a_key_is_enrolled_once_for_ever(arranged: Arranged) -> None:
    key, row = arranged.enrol(arranged.issue(ALICE))
    arranged.desk("revoke_installation", row["client_id"])
    second = arranged.issue(ALICE)
    _, row = arranged.enrol(second, key)
    assert row["refused_because"] == "key_already_enrolled"
    # The code was not spent on it.
    _, row = arranged.enrol(second)
    assert row["refused_because"] is None


@pytest.mark.parametrize("missing", ["jkt", "jwk", "proof"])
def test_nothing_missing_enrols(arranged: Arranged, missing: str) -> None:
    key = ClientKey.generate()
    jwk = msgspec.json.encode(key.jwk).decode()
    row = arranged.signin(
        "enrol_installation",
        arranged.issue(ALICE),
        None if missing == "jkt" else key.jkt,
        None if missing == "jwk" else jwk,
        None if missing == "proof" else jti(),
    )
    because = "proof_repeated" if missing == "proof" else "code_not_valid"
    assert row == NOTHING | {"refused_because": because}


def test_a_repeated_proof_enrols_nothing(arranged: Arranged) -> None:
    key, proof = ClientKey.generate(), jti()
    jwk = msgspec.json.encode(key.jwk).decode()
    arranged.signin("enrol_installation", arranged.issue(ALICE), key.jkt, jwk, proof)
    row = arranged.signin("enrol_installation", arranged.issue(BOB), key.jkt, jwk, proof)
    assert row["refused_because"] == "proof_repeated"


def test_a_key_and_its_thumbprint_cannot_differ(arranged: Arranged) -> None:
    key, other = ClientKey.generate(), ClientKey.generate()
    jwk = msgspec.json.encode(other.jwk).decode()
    with pytest.raises(Exception, match="installation_key_is_its_thumbprint"):
        arranged.signin("enrol_installation", arranged.issue(ALICE), key.jkt, jwk, jti())


def test_of_eight_at_once_one_key_is_enrolled(arranged: Arranged) -> None:
    code, gate, refused = arranged.issue(ALICE), threading.Barrier(8), []

    def enrol() -> None:
        key = ClientKey.generate()
        jwk = msgspec.json.encode(key.jwk).decode()
        with arranged.db.connect("rempart_signin") as connection:
            gate.wait()
            row = connection.execute(
                "select * from identity.enrol_installation(%s, %s, %s, %s)",
                (code, key.jkt, jwk, jti()),
            ).fetchone()
            refused.append(row and row["refused_because"])

    threads = [threading.Thread(target=enrol) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, refused)) == ["None"] + ["code_not_valid"] * 7


@pytest.mark.parametrize(
    "changes,because",
    [
        ({"site": None}, "site_unknown"),
        ({"site": "750000026"}, "site_unknown"),
        ({"rpps": None}, "account_unknown"),
        ({"rpps": []}, "account_unknown"),
        ({"rpps": [None]}, "account_unknown"),
        ({"rpps": [ALICE, None]}, "account_unknown"),
        ({"rpps": [ALICE, CHARLIE]}, "account_unknown"),
        ({"rpps": [ALICE, "10000000041"]}, "account_unknown"),
        ({"rpps": [ALICE], "site": ELSEWHERE}, "account_unknown"),
        ({"vendor": None}, "code_not_valid"),
        ({"vendor": ""}, "code_not_valid"),
        ({"vendor": "v" * 81}, "code_not_valid"),
        ({"code_hash": None}, "code_not_valid"),
        ({"code_hash": b"short"}, "code_not_valid"),
        ({"lives": None}, "code_not_valid"),
        ({"lives": "0 hours"}, "code_not_valid"),
        ({"lives": "73 hours"}, "code_not_valid"),
    ],
)
def test_no_code_is_issued(arranged: Arranged, changes: dict[str, object], because: str) -> None:
    given: dict[str, object] = {
        "site": SITE,
        "rpps": [ALICE],
        "vendor": "Essai",
        "code_hash": b"c" * 32,
        "lives": "1 hour",
    } | changes
    assert arranged.desk("issue_code", *given.values()) == {
        "expires_at": None,
        "refused_because": because,
    }
    assert arranged.owner("select count(*) as n from identity.enrolment_code") == [{"n": 0}]


def test_no_code_for_whoever_has_left(arranged: Arranged) -> None:
    arranged.desk("close_account", ALICE, SITE)
    row = arranged.desk("issue_code", SITE, [ALICE], "Essai", b"c" * 32, "1 hour")
    assert row["refused_because"] == "account_unknown"


def test_the_same_hash_twice_is_refused(arranged: Arranged) -> None:
    assert arranged.desk("issue_code", SITE, [ALICE, ALICE], "Essai", b"c" * 32, "1 hour")[
        "expires_at"
    ]
    again = arranged.desk("issue_code", SITE, [ALICE], "Essai", b"c" * 32, "1 hour")
    assert again["refused_because"] == "code_not_valid"


def test_a_code_is_read_as_people_type_it() -> None:
    code = new_code()
    hashed = code_hash(code)
    assert hashed is not None
    assert code_hash(code.lower().replace("-", " ")) == hashed
    assert code_hash(code.replace("0", "o").replace("1", "L")) == hashed
    assert new_code() != code


@pytest.mark.parametrize("code", ["", "-", "A" * 19, "A" * 21, "U" * 20, "é" * 20, "A" * 100])
def test_what_is_no_code_has_no_hash(code: str) -> None:
    assert code_hash(code) is None
