"""Waits until somebody waits: what comes next in a race is sent when this is seen, not hoped."""

import threading

from tests.support.asking import one
from tests.support.database import DatabaseUnderTest

_WAITING = (
    "select count(*) as n from pg_stat_activity"
    " where datname = current_database() and wait_event_type = 'Lock' and usename like %s"
)
_LEFT = (
    "select count(*) as n from pg_stat_activity"
    " where datname = current_database() and application_name = %s"
)


def wait_for_a_lock(db: DatabaseUnderTest, waiters: int = 1, role: str = "%") -> None:
    """Return once so many connections to this database wait for what others hold."""
    for _ in range(3_000):
        if one(db.owner, _WAITING, role)["n"] >= waiters:
            return
        threading.Event().wait(0.01)
    raise AssertionError(f"{waiters} should wait, as {role}")


def wait_until_gone(db: DatabaseUnderTest, name: str) -> None:
    """Return once nobody of that application name is connected to this database.

    The server ends, or commits, the statement in hand of a client that was killed.
    """
    for _ in range(3_000):
        if one(db.owner, _LEFT, name)["n"] == 0:
            return
        threading.Event().wait(0.01)
    raise AssertionError(f"{name} should be gone")
