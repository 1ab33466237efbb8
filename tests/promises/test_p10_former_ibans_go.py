"""P10: an IBAN that nothing is paid to any more is erased; what was paid to it is still told."""

from pathlib import Path

import psycopg
import pytest

from tests.support.asking import Site, one
from tests.support.claiming import claimed, guarantee
from tests.support.command_line import Told
from tests.support.paying import OTHER_IBAN, Desk, day_passes
from tests.support.purging import counts, purged

AGED = (
    "update billing.bank_detail set stated_at = stated_at - %s::interval,"
    " effective_at = effective_at - %s::interval, cancelled_at = cancelled_at - %s::interval"
)


@pytest.fixture
def desk(site: Site, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk.open(told, tmp_path, monkeypatch)
    made.bank(site)
    return made


def aged(site: Site, how_long: str) -> None:
    """Let that much time go by for what is there."""
    site.db.owner.execute(AGED, (how_long,) * 3)


def kept(site: Site, **gone: int) -> list[tuple[str, bool]]:
    """Erase; each bank detail's last four, and whether it is still there, the oldest first.

    ``gone`` is how many of each kind its certificate says have gone.
    """
    due = site.db.owner.execute("select what, due from journal.foresee_purge(36)").fetchall()
    foreseen = {row["what"]: row["due"] for row in due}
    for told in (foreseen, counts(purged(site.db))):
        assert {what: n for what, n in told.items() if n and what.endswith("_iban")} == gone
    rows = site.db.owner.execute(
        "select last_four, sealed is not null as there from billing.bank_detail order by place"
    ).fetchall()
    return [(row["last_four"], row["there"]) for row in rows]


def test_one_that_was_replaced_goes_thirteen_months_later(site: Site, desk: Desk) -> None:
    claimed(site, guarantee(site))
    (batch,) = desk.run()
    desk.bank(site, OTHER_IBAN)
    aged(site, "12 months 20 days")
    assert kept(site) == [("2606", True), ("3000", True)]
    # As long as its file may have to be made again, it stays, however old.
    aged(site, "2 months")
    assert kept(site) == [("2606", True), ("3000", True)]
    assert desk.run()[0]["batch"] == batch["batch"]
    desk.told("pay", "confirm", batch["batch"])
    assert kept(site, replaced_iban=1) == [("2606", False), ("3000", True)]
    # What was paid to it can be told, and the one in force goes on being paid.
    notice = "select n.last_four from billing.transfer t cross join billing.notice(t.end_to_end) n"
    assert one(site.db.owner, notice)["last_four"] == "2606"
    found = desk.told("site", "bank", "show", site.identifier)["bank_details"]
    assert [each["state"] for each in found] == ["in_force", "former"]
    day_passes(site)
    claimed(site, guarantee(site, "bob"))
    assert desk.run()
    assert desk.transfers()[0][1] == OTHER_IBAN


def test_one_that_was_cancelled_goes_a_month_later_and_one_that_waits_stays(
    site: Site, desk: Desk
) -> None:
    for cancel in (True, False):
        desk.bank(site, OTHER_IBAN, in_force=False)
        if cancel:
            desk.told("site", "bank", "cancel", site.identifier)
            aged(site, "27 days")
            assert kept(site) == [("2606", True), ("3000", True)]
            aged(site, "5 days")
            assert kept(site, cancelled_iban=1) == [("2606", True), ("3000", False)]
    assert kept(site) == [("2606", True), ("3000", False), ("3000", True)]


def test_whoever_erases_can_change_nothing_else(site: Site, desk: Desk) -> None:
    desk.bank(site, OTHER_IBAN)
    owner = site.db.owner
    owner.execute("set role rempart_def_purge")
    try:
        owner.execute("update billing.bank_detail set sealed = null")
        for column in ("last_four = '0000'", "effective_at = now()"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                owner.execute(f"update billing.bank_detail set {column}")
    finally:
        owner.execute("reset role")
    assert kept(site) == [("2606", True), ("3000", True)]
    aged(site, "14 months")
    owner.execute("set role rempart_def_purge")
    try:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute("update billing.bank_detail set sealed = sealed")
    finally:
        owner.execute("reset role")
    assert kept(site, replaced_iban=1) == [("2606", False), ("3000", True)]
