"""What a payee and an insurer are told of a payment, at the command line."""

import csv
from datetime import timedelta

import pytest

from rempart.billing import read_engagement_number
from rempart.cli import run_line
from tests.support.asking import INSURER, Site
from tests.support.claiming import claimed, guarantee
from tests.support.paying import Desk


@pytest.fixture
def desk(desk: Desk) -> Desk:
    desk.keyring.ensure("engagement")
    return desk


def test_a_notice_and_a_statement_add_up_to_what_was_paid(
    site: Site, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.bank(site)
    made = [claimed(site, guarantee(site, person)) for person in ("alice", "bob")]
    (batch,) = desk.run()
    ((name, _, _),) = desk.transfers()
    desk.told("pay", "notice", name, code=3)
    desk.told("pay", "confirm", batch["batch"])
    told = desk.told("pay", "notice", name)
    assert (told["amount_cents"], told["state"], told["last_four"]) == (1400, "paid", "2606")
    assert [line["claim"] for line in told["lines"]] == [one["claim_id"].hex() for one in made]
    for line in told["lines"]:
        assert len(read_engagement_number(line["engagement"])) == 17
    assert run_line(["pay", "notice", name]) == 0
    capsys.readouterr()
    assert run_line(["pay", "notice", name, "--csv"]) == 0
    lines = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert [int(line["amount_cents"]) for line in lines] == [700, 700]
    today = site.today.isoformat()
    days = ("--from", today, "--to", today)
    statement = desk.told("pay", "statement", INSURER, *days)
    assert statement["debit_cents"] == 1400
    assert {line["remittance"] for line in statement["lines"]} == {name}
    site.db.owner.execute("select billing.take_return(%s, 'AC04')", (name,))
    assert desk.told("pay", "statement", INSURER, *days)["debit_cents"] == 0
    assert desk.told("pay", "notice", name)["reason"] == "AC04"
    assert run_line(["pay", "notice", name]) == 0
    capsys.readouterr()
    assert run_line(["pay", "statement", INSURER, *days]) == 0
    debits = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert [line["debit_cents"] for line in debits] == ["700", "700", "-700", "-700"]
    assert desk.told("pay", "statement", "00000000", *days)["lines"] == []
    desk.told("pay", "statement", INSURER, "--from", "x", "--to", today, code=2)


def test_what_comes_back_later_is_on_the_statement_of_the_day_on_which_it_came(
    site: Site, desk: Desk
) -> None:
    """Else an insurer that is debited month by month would pay twice what is paid again."""
    desk.bank(site)
    claimed(site, guarantee(site))
    (batch,) = desk.run()
    ((name, _, _),) = desk.transfers()
    desk.told("pay", "confirm", batch["batch"])
    earlier = (
        "update billing.batch set on_day = on_day - 40, paid_at = paid_at - interval '40 days'"
    )
    site.db.owner.execute(earlier)

    def debited(since: int, until: int) -> int:
        days = [(site.today + timedelta(days=days)).isoformat() for days in (since, until)]
        told = desk.told("pay", "statement", INSURER, "--from", days[0], "--to", days[1])
        return int(told["debit_cents"])

    assert (debited(-60, -30), debited(-29, 1)) == (700, 0)
    site.db.owner.execute("select billing.take_return(%s, 'AC04')", (name,))
    assert (debited(-60, -30), debited(-29, 1)) == (700, -700)
