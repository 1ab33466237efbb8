"""What can no longer open or refuse anything is deleted, and not a day sooner."""

from tests.identity.arranged import ALICE, BOB, arrange
from tests.support.asking import one
from tests.support.database import DatabaseUnderTest


def swept(db: DatabaseUnderTest) -> int:
    jobs = db.connect("rempart_jobs")
    return int(one(jobs, "select identity.sweep() as n")["n"])


def test_sweep_leaves_what_still_matters(db: DatabaseUnderTest) -> None:
    arranged = arrange(db)
    key = arranged.installation(ALICE)
    token = arranged.mint(key)
    arranged.issue(BOB)

    assert swept(db) == 0
    # Old enough to matter no longer, one table after the other; then a little younger.
    for statement in (
        "update identity.token set expires_at = clock_timestamp() - interval '25 hours'",
        "update identity.enrolment_code set expires_at = clock_timestamp() - interval '31 days'",
        "update identity.assertion_jti set seen_at = clock_timestamp() - interval '73 hours'",
        "update identity.proof_jti set seen_at = clock_timestamp() - interval '181 minutes'",
    ):
        table = statement.split()[1]
        (row,) = arranged.owner(f"select count(*) as n from {table}")
        arranged.owner(statement)
        assert swept(db) == row["n"] > 0, table
    assert arranged.who(token, key.jkt) == []
    again = arranged.mint(key)
    for statement in (
        "update identity.assertion_jti set seen_at = clock_timestamp() - interval '71 hours'",
        "update identity.proof_jti set seen_at = clock_timestamp() - interval '179 minutes'",
        "update identity.token set expires_at = clock_timestamp() - interval '23 hours'",
    ):
        arranged.owner(statement)
        assert swept(db) == 0
    assert arranged.who(again, key.jkt) == []


def test_sweep_forgets_who_was_invited_and_written_to(db: DatabaseUnderTest) -> None:
    arranged = arrange(db)
    arranged.owner(
        "insert into identity.colleague (account_id, user_handle, name, invited_at, last_seen_at)"
        " select min(account_id), decode(repeat('ab', 32), 'hex'), 'Alice', now(), now()"
        " from identity.account"
    )
    for table, statement in (
        (
            "identity.invitation",
            (
                "insert into identity.invitation (code_hash, spoken_hash, account_id, purpose,"
                " issued_at, expires_at) select sha256('a'), sha256('b'), account_id, 'invitation',"
                " clock_timestamp() - interval '40 days', clock_timestamp() - interval '{}'"
                " from identity.colleague"
            ),
        ),
        (
            "identity.letter",
            (
                "insert into identity.letter (account_id, queued_at, taken_at) select account_id,"
                " clock_timestamp() - interval '40 days', clock_timestamp() - interval '{}'"
                " from identity.colleague"
            ),
        ),
    ):
        arranged.owner(statement.format("29 days"))
        assert swept(db) == 0, table
        arranged.owner(f"delete from {table}")
        arranged.owner(statement.format("31 days"))
        assert swept(db) == 1, table
    arranged.owner(
        "insert into identity.letter (account_id, queued_at) select account_id,"
        " clock_timestamp() - interval '400 days' from identity.colleague"
    )
    assert swept(db) == 0, "nobody has printed it"
