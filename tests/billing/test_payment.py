"""P9 in the payment: a batch a day, one transfer a payee, a file that is always the same."""

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from rempart.billing import pay, pay_when_due, read_payer
from rempart.cli import run_line
from rempart.cli.paying import pay_daily
from rempart.foundation.database import Database
from rempart.foundation.errors import BadInputError
from rempart.foundation.reach import reach_database
from rempart.foundation.settings import Settings
from tests.support.asking import Site, one
from tests.support.claiming import about, claimed, guarantee, standing
from tests.support.paying import IBAN, PAYER, Desk, day_passes, holds


def test_what_is_owed_is_paid_once(site: Site, desk: Desk) -> None:
    other = Site.make(site.db, identifier="750000002", rpps="10000000002")
    desk.bank(site)
    for person in ("alice", "bob"):
        claimed(site, guarantee(site, person))
    claimed(other, guarantee(other, "alice"))
    told = desk.told("pay", "run")
    (batch,) = told["batches"]
    assert (batch["transfers"], batch["claims"], batch["amount_cents"]) == (1, 2, 1400)
    (waiting,) = told["waiting"]
    assert (waiting["site"], waiting["because"]) == (other.identifier, "no_bank_detail")
    assert (waiting["claims"], waiting["amount_cents"]) == (1, 700)
    holds(desk, owed=700, in_batch=1400)
    files = desk.files()
    assert list(files.values()) == [batch["file_sha256"]]
    ((end_to_end, iban, amount),) = desk.transfers()
    assert (iban, amount) == (IBAN, "14.00")
    assert site.identifier not in end_to_end
    file = Path(batch["file"])
    assert (file.stat().st_mode & 0o777, desk.folder.stat().st_mode & 0o777) == (0o600, 0o700)
    # Again on the same day: the same file, although something else is owed by now.
    desk.bank(other)
    claimed(site, guarantee(site, "carol"))
    file.unlink()
    assert [each["batch"] for each in desk.run()] == [batch["batch"]]
    assert desk.files() == files
    holds(desk, owed=1400, in_batch=1400)
    confirmed = desk.told("pay", "confirm", batch["batch"])
    assert desk.told("pay", "confirm", batch["batch"]) == confirmed
    holds(desk, owed=1400, bank=1400)
    # The bank has it: nothing with an IBAN in clear stays here.
    assert desk.files() == {}
    assert desk.run() == []
    day_passes(site)
    (next_day,) = desk.run()
    assert (next_day["transfers"], next_day["claims"]) == (2, 2)
    assert len({iban for _, iban, _ in desk.transfers()}) == 1
    listed = desk.told("pay", "list")["batches"]
    assert [each["paid_at"] is None for each in listed] == [True, False]
    assert run_line(["pay", "list"]) == run_line(["pay", "run"]) == 0


def test_a_claim_in_payment_is_neither_cancelled_nor_replaced(site: Site, desk: Desk) -> None:
    desk.bank(site)
    engaged = guarantee(site)
    first = claimed(site, engaged)
    desk.run()
    for _ in range(2):
        assert about(site, "cancel", first["claim_id"])["refused_because"] == "claim_in_payment"
        again = claimed(site, engaged, replaces=first["claim_id"].hex().join(["\\x", ""]))
        assert again["refused_because"] == "claim_in_payment"
        desk.told("pay", "confirm", desk.told("pay", "list")["batches"][0]["batch"])
    assert [row["state"] for row in standing(site)] == ["paid"]


def test_what_somebody_holds_waits_for_nobody(site: Site, desk: Desk) -> None:
    """A claim that is being cancelled while the run is at it is left for the next one."""
    desk.bank(site)
    held = claimed(site, guarantee(site, "alice"))
    claimed(site, guarantee(site, "bob"))
    with site.db.connect("rempart_edge") as edge:
        edge.execute("begin")
        who = site.installation
        edge.execute(
            "select * from billing.cancel_claim(%s, %s, 'one', %s)",
            (who.token, who.jkt, held["claim_id"]),
        )
        (batch,) = desk.run()
        assert batch["claims"] == 1
        edge.execute("commit")
    holds(desk, in_batch=700)


def test_what_a_crash_left_half_written_is_removed(site: Site, desk: Desk) -> None:
    desk.bank(site)
    claimed(site, guarantee(site))
    desk.folder.mkdir(mode=0o700, parents=True)
    old, fresh = desk.folder / ".new-old", desk.folder / ".new-fresh"
    for file in (old, fresh):
        file.write_bytes(b"half")
    an_hour_ago = fresh.stat().st_mtime - 3600
    os.utime(old, (an_hour_ago, an_hour_ago))
    desk.run()
    # One that is new may be another run's, at work.
    assert sorted(name for name in desk.files() if name.startswith(".")) == [".new-fresh"]


def test_a_file_is_never_another(site: Site, desk: Desk) -> None:
    desk.bank(site)
    claimed(site, guarantee(site))
    (batch,) = desk.run()
    desk.payer.write_text(PAYER.replace("essai", "hier"))
    fault = desk.told("pay", "run", code=4)["error"]
    assert (fault["kind"], batch["batch"] in fault["text"]) == ("unavailable", True)
    assert list(desk.files().values()) == [batch["file_sha256"]]
    # Somebody wrote another account over the sealed one: nothing opens, nothing is paid.
    desk.payer.write_text(PAYER)
    site.db.owner.execute("update billing.bank_detail set sealed = sealed || 'x'")
    desk.told("pay", "run", code=4)
    desk.told("pay", "confirm", "RP" + "0" * 32, code=3)


def test_a_file_that_cannot_be_made_keeps_no_other_back(site: Site, desk: Desk) -> None:
    desk.bank(site)
    claimed(site, guarantee(site, "alice"))
    desk.run()
    # The operator's account has another name since, and yesterday's file was not confirmed.
    desk.payer.write_text(PAYER.replace("essai", "hier"))
    day_passes(site)
    claimed(site, guarantee(site, "bob"))
    desk.told("pay", "run", code=4)
    newest, oldest = desk.told("pay", "list")["batches"]
    assert newest["file_sha256"] in desk.files().values()
    assert newest["file_sha256"] != oldest["file_sha256"]


def test_no_file_lies_here_that_the_bank_has(
    site: Site, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Confirmed while the daily run makes the file again: somebody would hand it over twice."""
    desk.bank(site)
    claimed(site, guarantee(site))
    replace = Path.replace

    def confirmed_first(self: Path, target: Path) -> Path:
        site.db.owner.execute("select billing.confirm_batch(message) from billing.batch")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", confirmed_first)
    assert desk.run() == []
    assert desk.files() == {}
    holds(desk, bank=700)


def test_a_file_that_a_confirmation_left_is_removed_and_an_unknown_one_stays(
    site: Site, desk: Desk
) -> None:
    desk.bank(site)
    claimed(site, guarantee(site))
    (batch,) = desk.run()
    ((name, _),) = desk.files().items()
    # Cut off between the word and the file's removal.
    site.db.owner.execute("select billing.confirm_batch(message) from billing.batch")
    unknown = name.replace(batch["batch"], "RP" + "0" * 32)
    (desk.folder / unknown).write_bytes(b"of another life")
    assert desk.run() == []
    assert list(desk.files()) == [unknown]


def test_without_a_file_nothing_is_confirmed(site: Site, desk: Desk) -> None:
    desk.bank(site)
    claimed(site, guarantee(site))
    owner = site.db.owner
    insurer = one(owner, "select insurer_id from registry.insurer")["insurer_id"]
    assert one(owner, "select * from billing.open_batch(%s)", insurer)["batch_id"] is not None
    (batch,) = desk.told("pay", "list")["batches"]
    assert batch["file_sha256"] is None
    desk.told("pay", "confirm", batch["batch"], code=3)
    desk.told("pay", "confirm", desk.run()[0]["batch"])


@pytest.mark.anyio
async def test_the_daily_run_waits_for_its_hour(
    site: Site, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    class At:
        def __init__(self, hour: int) -> None:
            self.hour = hour

        def now(self) -> datetime:
            return datetime(2027, 1, 15, self.hour, 30, tzinfo=UTC)

        def today(self) -> date:
            return self.now().date()

    desk.bank(site)
    claimed(site, guarantee(site))
    payer, private = read_payer(desk.payer), desk.keyring.secret("payment")
    async with await Database.open(site.db.dsn("rempart_jobs"), max_size=1) as database:
        assert await pay_when_due(database, private, payer, desk.folder, At(4)) == []
        made = await pay_when_due(database, private, payer, desk.folder, At(5))
        assert isinstance(made, list)
        assert len(made) == 1
        assert await pay(database, private, payer, desk.folder) == made
    desk.payer.write_text(PAYER + "hour = 0\n")
    with reach_database(Settings.load()) as reached:
        assert await pay_daily(Settings.load(), reached) == made
        monkeypatch.delenv("REMPART_PAYER")
        assert await pay_daily(Settings.load(), reached) == []


def test_nobody_pays_without_a_payer(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in (
        "x",
        PAYER + "more = 1\n",
        PAYER.replace("AGRIFRPP", "AGRI"),
        PAYER.replace("189", "188"),
        PAYER + "hour = 24\n",
        PAYER.partition("\n")[2],
        PAYER.replace('iban = "', 'iban = 1 # "'),
        PAYER.replace('bic = "', 'bic = 1 # "'),
    ):
        desk.payer.write_text(wrong)
        assert desk.told("pay", "run", code=2)["error"]["kind"] == "bad_input"
    desk.payer.unlink()
    with pytest.raises(BadInputError):
        read_payer(desk.payer)
    monkeypatch.delenv("REMPART_PAYER")
    desk.told("pay", "run", code=4)
