"""P9 after a restore: a copy that does not know what was paid since pays nobody by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import quote

import psycopg
import pytest
from structlog.testing import capture_logs

from rempart.cli import run_line
from rempart.cli.paying import pay_daily
from rempart.database.installer import LOGIN_ROLES, migrations_known
from rempart.foundation.reach import reach_database
from rempart.foundation.settings import Settings
from tests.support.asking import Site, one
from tests.support.claiming import claimed, guarantee
from tests.support.copies import copied, restore
from tests.support.paying import IBAN, OTHER_IBAN, PAYER, Desk, day_passes, holds

RESUME = ("pay", "resume", "--reason", "Comparé à la banque", "--by", "Alice")
RESUMED = "select * from billing.resume(%s, %s)"
OPEN = "select b.* from registry.insurer i cross join lateral billing.open_batch(i.insurer_id) b"


@contextmanager
def lost(site: Site) -> Iterator[Site]:
    """Copy the database as it is, and let commands reach the copy from then on."""
    with copied(site) as copy, pytest.MonkeyPatch.context() as environ:
        info = copy.db.owner.info
        host = quote(info.host, safe="")
        address = f"postgresql:///{info.dbname}?host={host}&port={info.port}"
        environ.setenv("REMPART_DATABASE_URL", address)
        yield copy


def stop_of(desk: Desk) -> tuple[str, datetime | None] | None:
    """Why the payment is stopped, as `rempart pay list` tells it, and how far the copy went."""
    told = desk.told("pay", "list")["stopped"]
    if told is None:
        return None
    return told["because"], told["copy_at"] and datetime.fromisoformat(told["copy_at"])


def nothing_is_paid(desk: Desk, copy: Site, because: str) -> None:
    """Try every way to a batch or to a file: none leads there."""
    before = one(copy.db.owner, "select count(*) as n from billing.batch")
    error = desk.told("pay", "run", code=3)["error"]
    assert error["kind"] == "refused"
    assert "docs/restore.md" in error["text"]
    assert {row["refused_because"] for row in copy.db.owner.execute(OPEN)} == {because}
    note = (
        "select n.refused_because from billing.batch b, billing.note_file(b.batch_id, sha256('')) n"
    )
    assert {row["refused_because"] for row in copy.db.owner.execute(note)} <= {because}
    assert one(copy.db.owner, "select count(*) as n from billing.batch") == before
    assert desk.files() == {}


def is_paid_all_of_it(site: Site) -> None:
    """Let the bank have the batch that the copy knows, and another one that it never saw."""
    confirm = "select billing.confirm_batch(message) from billing.batch"
    site.db.owner.execute(confirm)
    day_passes(site)
    for statement in (
        OPEN,
        "select billing.note_file(batch_id, sha256('')) from billing.batch",
        confirm,
    ):
        site.db.owner.execute(statement)
    claims = "select state, count(*) from billing.claim group by 1 order by 1"
    assert one(site.db.owner, claims) == {"state": "paid", "count": 2}


def asks_again(copy: Site, desk: Desk, copy_at: datetime) -> None:
    """Restore a copy of a copy that was compared: it asks of the time since."""
    with lost(copy) as again:
        restore(again.db)
        stop = stop_of(desk)
        assert stop is not None
        assert stop[0] == "restored"
        assert stop[1] is not None
        assert stop[1] > copy_at
        assert run_line(list(RESUME)) == 0
        assert stop_of(desk) is None


def test_what_was_paid_since_the_copy_is_not_paid_again(site: Site, desk: Desk) -> None:
    desk.bank(site)
    claimed(site, guarantee(site, "alice"))
    (known,) = desk.run()
    claimed(site, guarantee(site, "bob"))
    with lost(site) as copy:
        is_paid_all_of_it(site)
        for file in desk.folder.iterdir():
            file.unlink()

        # On a day on which nothing was paid yet: before anybody says that it is a copy, and after.
        day_passes(copy)
        assert stop_of(desk) == ("not_taken_up", None)
        nothing_is_paid(desk, copy, "not_taken_up")
        desk.told(*RESUME, code=3)
        copy_at = restore(copy.db)["copy_at"]
        assert stop_of(desk) == ("restored", copy_at)
        nothing_is_paid(desk, copy, "restored")
        assert run_line(["pay", "list"]) == 0
        # A copy can't tell what the bank never had.
        never = ("--outcome", "never-executed", "--reason", "Vu", "--by", "Alice")
        desk.told("pay", "settle", known["batch"], *never, code=3)
        # What the copy knows and the bank has is confirmed meanwhile, under the name that it had.
        desk.told("pay", "confirm", known["batch"])
        holds(desk, owed=700, bank=700)
        nothing_is_paid(desk, copy, "restored")

        # Somebody compared it with the bank, and says so.
        desk.told("pay", "resume", "--reason", "1234567", "--by", "Alice", code=2)
        resumed = desk.told(*RESUME)
        row = one(copy.db.owner, "select * from billing.resumption")
        assert (row["author"], row["reason"]) == ("Alice", "Comparé à la banque")
        assert row["resumed_at"] == datetime.fromisoformat(resumed["resumed_at"])
        assert row["epoch"] == one(copy.db.owner, "select epoch from foundation.epoch")["epoch"]
        assert stop_of(desk) is None
        desk.told(*RESUME, code=3)
        (batch,) = desk.run()
        assert batch["claims"] == 1
        holds(desk, in_batch=700, bank=700)

        asks_again(copy, desk, copy_at)


def test_a_change_that_waited_in_the_copy_does_not_come_into_force_by_itself(
    site: Site, desk: Desk
) -> None:
    """It may have been cancelled since: by whoever saw that it was none of the site's."""
    desk.bank(site)
    desk.bank(site, OTHER_IBAN, in_force=False)
    claimed(site, guarantee(site))
    with lost(site) as copy:
        owner = copy.db.owner
        # Its 72 hours went by between the copy and the restore.
        owner.execute(
            "update billing.bank_detail set effective_at = now() where effective_at > stated_at"
        )
        assert restore(copy.db)["bank_changes"] == [site.identifier]
        desk.told(*RESUME)
        found = desk.told("site", "bank", "show", site.identifier)["bank_details"]
        assert [each["state"] for each in found] == ["cancelled", "in_force"]
        desk.run()
        assert desk.transfers()[0][1] == IBAN
        # Stated again, it waits as any does.
        desk.bank(copy, OTHER_IBAN, in_force=False)
        found = desk.told("site", "bank", "show", site.identifier)["bank_details"]
        assert found[0]["state"] == "waiting"
        assert restore(copy.db, insists=True)["bank_changes"] == [site.identifier]
        assert restore(copy.db, insists=True)["bank_changes"] == []


def test_a_batch_of_the_copy_comes_out_the_same_to_the_byte(site: Site, desk: Desk) -> None:
    """Even where the copy holds the batch and not yet what its file is."""
    desk.bank(site)
    claimed(site, guarantee(site))
    site.db.owner.execute(OPEN)
    with lost(site) as copy:
        # The lost database made the file: it has its own address again for that moment.
        with pytest.MonkeyPatch.context() as environ:
            environ.setenv("REMPART_DATABASE_URL", f"postgresql:///{site.db.name}?{hosted(site)}")
            (made,) = desk.run()
        files = desk.files()
        assert list(files.values()) == [made["file_sha256"]]
        for file in desk.folder.iterdir():
            file.unlink()
        restore(copy.db)
        nothing_is_paid(desk, copy, "restored")
        desk.told("pay", "confirm", made["batch"], code=3)
        desk.told(*RESUME)
        (again,) = desk.run()
        assert (again["batch"], again["file_sha256"]) == (made["batch"], made["file_sha256"])
        assert desk.files() == files
        desk.told("pay", "confirm", made["batch"])
        holds(desk, bank=700)


def hosted(site: Site) -> str:
    info = site.db.owner.info
    return f"host={quote(info.host, safe='')}&port={info.port}"


@pytest.mark.anyio
async def test_the_daily_run_says_so_and_pays_nothing(site: Site, desk: Desk) -> None:
    desk.bank(site)
    claimed(site, guarantee(site))
    desk.payer.write_text(PAYER + "hour = 0\n")
    with lost(site) as copy:
        restore(copy.db)
        with capture_logs() as logs, reach_database(Settings.load()) as reached:
            assert await pay_daily(Settings.load(), reached) == []
        assert [(line["log_level"], line["because"]) for line in logs] == [("error", "restored")]
        assert desk.files() == {}
        assert one(copy.db.owner, "select count(*) as n from billing.batch")["n"] == 0
        assert one(copy.db.owner, "select state from billing.claim")["state"] == "accepted"


def test_a_copy_of_a_copy_that_nobody_compared_is_as_old_as_the_first(
    site: Site, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    with lost(site) as copy:
        copy_at = restore(copy.db)["copy_at"]
        with lost(copy) as again:
            assert restore(again.db)["copy_at"] > copy_at
            assert stop_of(desk) == ("restored", copy_at)
            assert run_line(["pay", "list"]) == 0
            first, second, third = capsys.readouterr().out.splitlines()
            assert first.startswith("STOPPED: nothing is paid")
            assert f"{copy_at:%Y-%m-%d %H:%M:%S}" in second
            assert third == "no batch in these days"


def test_a_platform_restored_before_it_was_asked_is_asked_too(site: Site, desk: Desk) -> None:
    """What the migration finds in a journal: a restore of before."""
    (migration,) = [each for each in migrations_known() if each.name == "payment_after_restore"]
    asks = migration.text.partition("\nreset role;\n")[2]
    assert asks
    site.ask(site.question())
    site.db.owner.execute(asks)
    assert stop_of(desk) is None
    with lost(site) as copy:
        restore(copy.db)
        copy.db.owner.execute("update foundation.epoch set copy_at = null")
        assert stop_of(desk) is None
        copy.db.owner.execute(asks)
        entry = one(copy.db.owner, "select recorded_at from journal.entry order by entry_no")
        stop = stop_of(desk)
        assert stop is not None
        assert stop[1] is not None
        assert stop[0] == "restored"
        assert stop[1] >= entry["recorded_at"]
        nothing_is_paid(desk, copy, "restored")


def test_who_pays_does_not_resume(site: Site) -> None:
    with lost(site) as copy:
        restore(copy.db)
        for role in LOGIN_ROLES:
            connection = copy.db.connect(role)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("select epoch from billing.resumption")
            if role != "rempart_desk":
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute("select billing.resume('Vu', 'Alice')")


def test_nobody_resumes_without_a_plain_reason_and_a_name(site: Site) -> None:
    with lost(site) as copy:
        restore(copy.db)
        for reason, author, because in (
            ("123 45 67", "Alice", "reason_not_plain"),
            (None, "Alice", "reason_not_plain"),
            ("Vu", "Alice!", "author_not_valid"),
            ("Vu", None, "author_not_valid"),
        ):
            row = one(copy.db.owner, RESUMED, reason, author)
            assert (row["refused_because"], row["resumed_at"]) == (because, None)
        assert one(copy.db.owner, "select count(*) as n from billing.resumption")["n"] == 0


def test_what_cannot_be_seen_stops_the_payment(site: Site) -> None:
    why = "select because from billing.stopped()"
    with lost(site) as copy:
        restore(copy.db)
        owner = copy.db.owner
        assert one(owner, RESUMED, "Vu", "Alice")["refused_because"] is None
        assert one(owner, why)["because"] is None
        for what in ("foundation.epoch", "guard.clock", "billing.resumption"):
            with owner.transaction(force_rollback=True):
                owner.execute(f"delete from {what}")
                assert one(owner, why)["because"] is not None, what
