"""P9: a payment run, and its confirmation, killed at each of their steps, in real processes."""

import pytest

from tests.support.asking import Site
from tests.support.claiming import claimed, guarantee
from tests.support.killing import Runs
from tests.support.paying import OTHER_IBAN, Desk, day_passes, holds


@pytest.mark.slow
def test_two_runs_at_once_make_one_batch(site: Site, desk: Desk) -> None:
    desk.bank(site)
    for person in ("alice", "bob"):
        claimed(site, guarantee(site, person))
    runs = [Runs(site, desk), Runs(site, desk)]
    for each in runs:
        each.begin(0)
    for each in runs:
        assert each.ended()[0] == 0
        each.close()
    assert len(desk.files()) == 1
    holds(desk, in_batch=1400)


@pytest.mark.slow
def test_a_run_killed_at_any_step_pays_nobody_twice_and_forgets_nobody(
    site: Site, desk: Desk
) -> None:
    other = Site.make(site.db, identifier="750000002", rpps="10000000002")
    desk.bank(site)
    desk.bank(other, OTHER_IBAN)
    runs, steps, at, paid = Runs(site, desk), 1, 0, 0
    while at < steps:
        at += 1
        for each, person in ((site, "alice"), (site, "bob"), (other, "carol")):
            claimed(each, guarantee(each, person))
        runs.killed(at)
        left = whole(desk)
        (batch,) = desk.run()
        assert (batch["transfers"], batch["claims"], batch["amount_cents"]) == (2, 3, 2100), at
        assert left in ({}, whole(desk)), at
        assert list(whole(desk).values()) == [batch["file_sha256"]]
        holds(desk, in_batch=2100, bank=paid)
        if at == 1:
            runs.begin(0)
            code, steps = runs.ended()
            assert code == 0
        # The same with saying that it is paid, in turn at each of its steps.
        runs.killed((at - 1) % 2 + 1, batch["batch"])
        desk.told("pay", "confirm", batch["batch"])
        assert whole(desk) == {}
        paid += 2100
        holds(desk, bank=paid)
        day_passes(site)
    runs.close()
    assert steps >= 10
    twice = "select claim_id from billing.ledger where step = 'paid' group by 1 having count(*) > 1"
    assert site.db.owner.execute(twice).fetchall() == []


def whole(desk: Desk) -> dict[str, str]:
    """The files that are not half written."""
    return {name: digest for name, digest in desk.files().items() if not name.startswith(".")}
