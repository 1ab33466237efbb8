"""What the bank sends back is owed again; whatever is changed in a batch is found."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from rempart.cli import run_line
from rempart.foundation.embedded import EmbeddedPostgres
from tests.support.asking import Site, one
from tests.support.claiming import claimed, guarantee, standing
from tests.support.paying import OTHER_IBAN, Desk, day_passes, holds


def returned(desk: Desk, *lines: str, code: int = 0) -> dict[str, Any]:
    file = desk.payer.with_name("returns.csv")
    file.write_text("\n".join(["end_to_end,reason", *lines]) + "\n")
    return desk.told("pay", "return", str(file), code=code)


def paid_out(site: Site, desk: Desk) -> str:
    """Pay one claim; the name of its transfer."""
    desk.bank(site)
    claimed(site, guarantee(site, "alice"))
    (batch,) = desk.run()
    ((end_to_end, _, _),) = desk.transfers()
    desk.told("pay", "confirm", batch["batch"])
    return end_to_end


def test_what_the_bank_sends_back_is_owed_until_the_site_has_another_account(
    site: Site, desk: Desk
) -> None:
    desk.bank(site)
    claimed(site, guarantee(site, "alice"))
    (batch,) = desk.run()
    ((end_to_end, _, _),) = desk.transfers()
    # What the bank does not have it can't return.
    returned(desk, f"{end_to_end},AC01", code=3)
    desk.told("pay", "confirm", batch["batch"])
    # Lines that are unknown are named by number, never by what they hold, and keep back no other.
    unknown = f"RP{'0' * 32},AC01"
    message = returned(desk, unknown, f"{end_to_end},AC01", unknown, code=3)["error"]["text"]
    assert ("line 2: " in message, "line 3: " in message, "line 4: " in message) == (
        True,
        False,
        True,
    )
    assert "RP0" not in message
    holds(desk, owed=700)
    told = returned(desk, f"{end_to_end},AC01")
    assert told["returned"] == [
        {"site": site.identifier, "claims": 1, "amount_cents": 700, "is_new": False},
    ]
    holds(desk, owed=700)
    assert [row["state"] for row in standing(site)] == ["returned"]
    day_passes(site)
    again = desk.told("pay", "run")
    assert again["batches"] == []
    assert [one["because"] for one in again["waiting"]] == ["returned"]
    # A change that waits is not in force yet.
    desk.bank(site, OTHER_IBAN, in_force=False)
    assert desk.run() == []
    desk.told("site", "bank", "cancel", site.identifier)
    desk.bank(site, OTHER_IBAN)
    claimed(site, guarantee(site, "bob"))
    (batch,) = desk.run()
    assert (batch["claims"], batch["amount_cents"]) == (2, 1400)
    assert [iban for _, iban, _ in desk.transfers()] == [OTHER_IBAN]
    desk.told("pay", "confirm", batch["batch"])
    holds(desk, bank=1400)
    # The first transfer is told once more: what was paid since stays paid.
    returned(desk, f"{end_to_end},AC01")
    holds(desk, bank=1400)


def test_what_was_told_before_changes_nothing_and_is_said_to(
    site: Site, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    end_to_end = paid_out(site, desk)
    # Twice in one file, and empty lines as an editor leaves them.
    told = returned(desk, f"{end_to_end},AC01", "", f"{end_to_end},AC01", "")
    assert [one["is_new"] for one in told["returned"]] == [True, False]
    holds(desk, owed=700)
    assert run_line(["pay", "return", str(desk.payer.with_name("returns.csv"))]) == 0
    assert "owed again" not in capsys.readouterr().out
    holds(desk, owed=700)


WAITING_WITH_WHAT_IT_READ = """
alter function billing.payable_sites(bigint) rename to payable_sites_now;
create function billing.payable_sites(_insurer bigint)
returns table (site_id bigint, detail_id bigint, because text) language plpgsql volatile
security definer as $$
begin
    return query select * from billing.payable_sites_now(_insurer);
    perform pg_advisory_xact_lock(77);
end
$$;
grant execute on function billing.payable_sites(bigint) to public"""


def test_what_comes_back_while_a_batch_is_made_is_not_sent_there_again(
    site: Site, desk: Desk
) -> None:
    end_to_end = paid_out(site, desk)
    day_passes(site)
    claimed(site, guarantee(site, "bob"))
    owner = site.db.owner
    owner.execute(WAITING_WITH_WHAT_IT_READ)
    owner.execute("select pg_advisory_lock(77)")
    (insurer,) = owner.execute("select insurer_id from billing.list_owing()").fetchall()
    made = "select * from billing.open_batch(%s)"
    with ThreadPoolExecutor(1) as beside, site.db.connect(EmbeddedPostgres.superuser) as other:
        running = beside.submit(one, other, made, insurer["insurer_id"])
        waits = "select exists (select from pg_locks where locktype = 'advisory' and not granted)"
        while not one(owner, waits)["exists"]:
            assert not running.done(), running.exception()
            time.sleep(0.01)
        back = one(owner, "select * from billing.take_return(%s, 'AC01')", end_to_end)
        assert back["refused_because"] is None
        owner.execute("select pg_advisory_unlock(77)")
        assert running.result()["batch_id"] is None
    holds(desk, owed=1400)


def test_a_file_of_returns_is_read_strictly(desk: Desk) -> None:
    unknown = "RP" + "0" * 32
    returned(desk, f"{unknown},AC01", code=3)
    for line in (",", f"{unknown}", f"{unknown},ac01", f"{unknown},TOOLONG", "RP1,AC01", "x,y,z"):
        assert returned(desk, line, code=2)["error"]["field"] == "line 2"
    desk.payer.with_name("returns.csv").unlink()
    desk.told("pay", "return", str(desk.payer.with_name("returns.csv")), code=2)
    desk.told("pay", "return", str(desk.payer), code=2)
    assert run_line(["pay", "return", str(desk.payer)]) == 2


def test_whatever_is_changed_in_a_batch_is_found(site: Site, desk: Desk) -> None:
    desk.bank(site)
    claimed(site, guarantee(site))
    desk.told("pay", "confirm", desk.run()[0]["batch"])
    owner = site.db.owner
    for damage in (
        "update billing.transfer set amount_cents = amount_cents + 1",
        "update billing.transfer set claims = claims + 1",
        "update billing.transfer set site_id = site_id + 1",
        "update billing.transfer set state = 'batched'",
        "update billing.transfer set state = 'returned', returned_at = now(), reason = 'AC01'",
        "update billing.batch set paid_at = null",
        "delete from billing.transfer",
        "delete from billing.ledger where step = 'paid'",
    ):
        with owner.transaction(force_rollback=True):
            owner.execute(damage)
            seen = one(owner, "select * from billing.check_ledger()")
            assert seen["wrong_batches"], damage
            assert seen["balance_cents"] == 0
    owner.execute("update billing.transfer set claims = 2")
    assert desk.told("ledger", "check", code=1)["wrong_batches"]
    assert run_line(["ledger", "check"]) == 1
