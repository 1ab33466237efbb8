"""What others do while a payment runs: it looks again before each step."""

import asyncio
from collections.abc import Callable

import pytest

from rempart.billing import read_payer
from rempart.billing.payment import Batch, pay
from rempart.billing.stopping import StopReason
from rempart.foundation.database import Database, Row
from tests.support.asking import Site, one
from tests.support.claiming import claimed, guarantee
from tests.support.paying import Desk, holds


@pytest.fixture
def paying(site: Site, desk: Desk) -> Desk:
    """A desk over against a site that is owed something and can be paid."""
    desk.bank(site)
    claimed(site, guarantee(site))
    return desk


def paid_while(
    site: Site, desk: Desk, step: str, meanwhile: Callable[[], object]
) -> list[Batch] | StopReason:
    """Pay what is owed; somebody else does something right before this step of it."""
    call = Database.call

    async def called(self: Database, function: str, *args: object) -> list[Row]:
        if function == step:
            meanwhile()
        return await call(self, function, *args)

    async def work() -> list[Batch] | StopReason:
        async with await Database.open(site.db.dsn("rempart_jobs"), max_size=1) as database:
            private = desk.keyring.secret("payment")
            return await pay(database, private, read_payer(desk.payer), desk.folder)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "call", called)
        return asyncio.run(work())


def test_a_batch_that_an_officer_lets_go_gets_no_file(site: Site, paying: Desk) -> None:
    def let_go() -> None:
        message = one(site.db.owner, "select message from billing.batch")["message"]
        with site.db.connect("rempart_desk") as desk:
            settle = (
                "select * from billing.settle_batch(%s, false, 'Absent du relevé', 'officer.one')"
            )
            assert one(desk, settle, message)["refused_because"] is None

    paid_while(site, paying, "billing.note_file", let_go)
    assert paying.files() == {}
    holds(paying, owed=700)


def test_a_run_in_what_becomes_a_copy_makes_no_batch(site: Site, paying: Desk) -> None:
    def is_a_copy() -> None:
        site.db.owner.execute("update guard.clock set boot = boot - interval '1 hour'")

    found = paid_while(site, paying, "billing.open_batch", is_a_copy)
    assert found == "not_taken_up"
    assert one(site.db.owner, "select count(*) as n from billing.batch")["n"] == 0
    assert paying.files() == {}
