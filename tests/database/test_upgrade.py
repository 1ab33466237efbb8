"""An older database that is in use, brought to this version: what migrations carry over."""

import secrets
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.rows import dict_row

from rempart.database import installer
from rempart.database.installer import migrations_known
from tests.support.database import Cluster, Connection

FORCED = """
do $$
declare _table record;
begin
    for _table in select c.oid::regclass as name from pg_class c
                    join pg_namespace n on n.oid = c.relnamespace
                   where n.nspname in ('billing', 'journal', 'identity', 'registry', 'guard')
                     and c.relkind in ('r', 'p') loop
        execute format('alter table %s enable row level security', _table.name);
        execute format('alter table %s force row level security', _table.name);
    end loop;
end $$"""
"""As grants.sql leaves every table when an install ends: not even its owner sees a row."""

CLAIM = """
insert into billing.claim (claim_id, engagement_id, site_id, insurer_id, installation_id, reference,
    sameness, promised_cents, amount_cents, state, made_at, cancelled_at)
values (decode(md5(%(state)s), 'hex'), decode(md5(%(state)s), 'hex'), 1, 1, 1, %(state)s,
    sha256(''), 700, 700, %(state)s, now(), case when %(state)s = 'cancelled' then now() end)"""
MOVES = """
select c.state, array_agg(l.step order by l.move_no) filter (where l.step is not null) as steps
  from billing.claim c left join billing.ledger l on l.claim_id = c.claim_id group by c.state"""


@pytest.fixture
def empty(cluster: Cluster) -> Iterator[Connection]:
    """A database of the cluster that nothing was installed in."""
    name = f"t_{secrets.token_hex(6)}"
    cluster.admin.execute(f"create database {name}")
    try:
        with psycopg.connect(
            cluster.dsn(cluster.server.superuser, name), autocommit=True, row_factory=dict_row
        ) as owner:
            owner.execute(installer._own("roles.sql"))
            yield owner
    finally:
        cluster.admin.execute(f"drop database {name} with (force)")


def migrate(owner: Connection, first: int, last: int) -> None:
    """Apply migrations as the installer does."""
    for migration in migrations_known()[first - 1 : last]:
        with owner.transaction():
            owner.execute(migration.text)
            owner.execute("reset role")


def test_claims_taken_before_there_was_a_ledger_are_owed(empty: Connection) -> None:
    migrate(empty, 1, 27)
    empty.execute(FORCED)
    for state in ("accepted", "cancelled"):
        empty.execute(CLAIM, {"state": state})
    migrate(empty, 28, 28)
    empty.execute(FORCED)
    # One that was taken while the ledger lacked the others, and went on.
    empty.execute(CLAIM, {"state": "paid"})
    for step, debit, credit, batch in (
        ("batched", "owed", "in_batch", 1),
        ("paid", "in_batch", "bank", 1),
    ):
        empty.execute(
            "insert into billing.ledger (insurer_id, site_id, claim_id, batch_id, step, debit,"
            " credit, amount_cents) values (1, 1, decode(md5('paid'), 'hex'), %s, %s, %s, %s, 700)",
            (batch, step, debit, credit),
        )
    migrate(empty, 29, len(migrations_known()))
    found = {row["state"]: row["steps"] for row in empty.execute(MOVES)}
    assert found == {
        "accepted": ["claimed"],
        "cancelled": None,
        "paid": ["batched", "paid", "claimed"],
    }
