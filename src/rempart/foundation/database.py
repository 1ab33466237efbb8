"""The only door to PostgreSQL: calls SQL functions by name, as one role, and nothing else."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, LiteralString, Self

import msgspec
import psycopg
import structlog
from psycopg import AsyncConnection, AsyncCursor, sql
from psycopg.rows import DictRow, dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests

from rempart.foundation.errors import MisuseError, OverloadedError, UnavailableError
from rempart.foundation.wire import cut_after, has_word

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

Row = dict[str, Any]

DriverError = psycopg.Error
"""What the driver raises through a part that brings its own statements (`foundation.jobs`)."""

_FUNCTION = re.compile(r"[a-z_]+\.[a-z_]+")
_SELECT, _CALL = "select * from {}({})", "call {}({})"
_UNAVAILABLE_CLASSES = ("08", "53", "57", "25", "55")
"""SQLSTATE classes that mean "not now": connection, resources, operator, transactions, locks."""

_NO_ROOM_CLASS = "53"
"""Disk, memory, connections: somebody must act, and the server's own log leaves errors out."""

_STATEMENT_TIMEOUT_MS = 10_000
_CONNECT_TIMEOUT_S = 5
_CUT_AFTER_S = 12.0
"""Later than the statement's own limit: by then the server is one that says nothing at all."""

_CHECK_S = 2.0
_RESTED_S = 1.0
_MOST_WAITING = 256
"""Most callers that wait for a connection; the lanes of an edge need far fewer."""


def hexed(value: bytes) -> str:
    r"""Write bytes as PostgreSQL reads a bytea in text: ``\x`` and two digits a byte."""
    return "\\x" + value.hex()


def json_argument(value: object) -> Jsonb:
    """Wrap a value as a jsonb argument, encoded by msgspec."""
    return Jsonb(value, dumps=msgspec.json.encode)


@cache
def _statement(function: str, count: int, form: LiteralString = _SELECT) -> bytes:
    # Made once: a program calls a few dozen functions, and composing took longer than sending.
    if _FUNCTION.fullmatch(function) is None:
        raise ValueError("a function is named feature.function, in lower case")
    name = sql.Identifier(*function.split("."))
    return sql.SQL(form).format(name, sql.SQL(", ").join([sql.SQL("%s")] * count)).as_bytes()


def _fault(error: psycopg.Error, function: str) -> MisuseError | UnavailableError:
    # Message texts are dropped on purpose: PostgreSQL quotes values in them.
    state = error.sqlstate
    if state is not None and state[:2] == _NO_ROOM_CLASS:
        _log.error("the database has no room", sqlstate=state, function=function)
    if state is None or state[:2] in _UNAVAILABLE_CLASSES or state[:2] == "40":
        return UnavailableError(f"{function}: the database did not answer")
    return MisuseError(state, function)


class _Connection(AsyncConnection[DictRow]):
    """A connection that knows when it last answered."""

    answered_at = float("-inf")


async def _check(connection: _Connection) -> None:
    """Check a connection before it is given out, in bounded time.

    One that has just answered is only looked at: a server that ends a connection says so on it.
    The round trip is for one that rested: its line may have gone dead.
    """
    rested = time.monotonic() - connection.answered_at
    if rested < _RESTED_S and not has_word(connection.pgconn.socket):
        return
    with cut_after(connection, _CHECK_S):
        await AsyncConnectionPool.check_connection(connection)


async def _run(
    cursor: AsyncCursor[DictRow], name: str, args: Sequence[object], form: LiteralString = _SELECT
) -> list[Row]:
    try:
        await cursor.execute(_statement(name, len(args), form), args)
        return await cursor.fetchall() if cursor.description else []
    except psycopg.Error as error:
        raise _fault(error, name) from None


def call_once(conninfo: str, function: str, *args: object) -> list[Row]:
    """Call one function on a connection of its own, outside asyncio; raises as `Database.call`."""
    try:
        with psycopg.connect(
            conninfo, autocommit=True, row_factory=dict_row, connect_timeout=_CONNECT_TIMEOUT_S
        ) as connection:
            return connection.execute(_statement(function, len(args)), args).fetchall()
    except psycopg.Error as error:
        raise _fault(error, function) from None


class Transaction:
    """Several calls that commit together."""

    def __init__(self, connection: AsyncConnection[DictRow]) -> None:
        """Wrap a connection that is inside a transaction."""
        self._connection = connection

    async def call(self, function: str, *args: object) -> list[Row]:
        """Call one SQL function with positional arguments; rows as dictionaries."""
        async with self._connection.cursor() as cursor:
            return await _run(cursor, function, args)


class Database:
    """A pool of connections as one restricted role."""

    def __init__(self, pool: AsyncConnectionPool[_Connection], cut_after_s: float | None) -> None:
        """Take an opened pool, and when to give up a silent server; use `Database.open`."""
        self._pool = pool
        self._cut_after_s = cut_after_s

    @classmethod
    async def open(
        cls,
        conninfo: str,
        *,
        min_size: int = 1,
        max_size: int = 4,
        application_name: str = "rempart",
        settings: Mapping[str, str] | None = None,
    ) -> Database:
        """Open a pool and wait until one connection works.

        A call of more than 12 s to a server that has fallen silent is cut, unless `settings` give
        statements a time of their own. Raises `UnavailableError` if the database cannot be reached
        with this role.
        """
        options = {"statement_timeout": str(_STATEMENT_TIMEOUT_MS), **(settings or {})}
        pool = AsyncConnectionPool(
            conninfo,
            connection_class=_Connection,
            min_size=min_size,
            max_size=max_size,
            timeout=_CONNECT_TIMEOUT_S,
            reconnect_timeout=2 * _CONNECT_TIMEOUT_S,
            open=False,
            max_waiting=_MOST_WAITING,
            check=_check,
            kwargs={
                "autocommit": True,
                "row_factory": dict_row,
                "application_name": application_name,
                "connect_timeout": _CONNECT_TIMEOUT_S,
                "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
            },
        )
        try:
            await pool.open(wait=True, timeout=_CONNECT_TIMEOUT_S)
        except (PoolTimeout, psycopg.Error):
            await pool.close()
            raise UnavailableError("the database cannot be reached") from None
        except BaseException:
            # Whoever gives up meanwhile: a pool that nobody closes tries again for ever.
            await pool.close()
            raise
        return cls(pool, None if "statement_timeout" in (settings or {}) else _CUT_AFTER_S)

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    async def __aenter__(self) -> Self:
        """Be open; the end of the block closes every connection."""
        return self

    async def __aexit__(self, *_raised: object) -> None:
        """Close, whatever happened."""
        await self.close()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[_Connection]:
        try:
            connection = await self._pool.getconn()
        except TooManyRequests:
            raise OverloadedError from None
        except (PoolTimeout, psycopg.Error):
            raise UnavailableError("no connection to the database is free") from None
        try:
            yield connection
        finally:
            await self._pool.putconn(connection)

    async def call(self, function: str, *args: object) -> list[Row]:
        """Call one SQL function in a transaction of its own, committed when this returns.

        Raises `UnavailableError` (nothing is known to be done) or `MisuseError`.
        """
        return await self._alone(function, args, _SELECT)

    async def run(self, procedure: str, *args: object) -> None:
        """Call one SQL procedure, which commits by itself what it does; raises as `call`."""
        await self._alone(procedure, args, _CALL)

    async def _alone(self, name: str, args: Sequence[object], form: LiteralString) -> list[Row]:
        async with self._connection() as connection, connection.cursor() as cursor:
            with cut_after(connection, self._cut_after_s):
                rows = await _run(cursor, name, args, form)
            connection.answered_at = time.monotonic()
            return rows

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Open a transaction: committed at the end of the block, rolled back if it raises."""
        async with self._connection() as connection:
            try:
                with cut_after(connection, self._cut_after_s):
                    async with connection.transaction():
                        yield Transaction(connection)
            except psycopg.Error as error:
                raise _fault(error, "transaction") from None


class Administrator:
    """One connection as the migrator: runs whole scripts. Used at install, never by a service."""

    def __init__(self, connection: AsyncConnection[DictRow]) -> None:
        """Take an open connection; use `Administrator.connect`."""
        self._connection = connection

    @classmethod
    async def connect(cls, conninfo: str) -> Administrator:
        """Connect, autocommit on. Raises `UnavailableError`."""
        try:
            connection = await AsyncConnection[DictRow].connect(
                conninfo, autocommit=True, row_factory=dict_row, connect_timeout=_CONNECT_TIMEOUT_S
            )
        except psycopg.Error:
            raise UnavailableError("the database cannot be reached as the migrator") from None
        return cls(connection)

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Run what is inside in one transaction."""
        async with self._connection.transaction():
            yield

    async def script(self, text: str, *args: object) -> list[Row]:
        """Run the text of an SQL file; rows of its last statement.

        Raises `MisuseError` with the SQLSTATE; install scripts hold no value of anybody's.
        """
        try:
            async with self._connection.cursor() as cursor:
                await cursor.execute(text.encode(), args or None)
                return await cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            raise _fault(error, "script") from error

    async def set_password(self, role: str, password: str) -> None:
        """Give a role its password as a SCRAM verifier: the password itself does not travel."""
        verifier = self._connection.pgconn.encrypt_password(
            password.encode(), role.encode(), b"scram-sha-256"
        )
        await self._connection.execute(
            sql.SQL("alter role {} password {}").format(
                sql.Identifier(role), sql.Literal(verifier.decode())
            )
        )
