"""The SQL also installs on PostgreSQL 15, where plpgsql_check reads every function body."""

import asyncio
import contextlib
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from typing import LiteralString

import psycopg
import pytest

from rempart.database import install
from rempart.foundation.keyring import FileKeyring

BINARIES = pathlib.Path("/usr/lib/postgresql/15/bin")
EXTENSION = pathlib.Path("/usr/share/postgresql/15/extension/plpgsql_check.control")
SCHEMAS = ["foundation", "identity", "registry", "guard", "billing", "journal", "rights", "intake"]

CHECK = """
select p.oid::regprocedure::text, c.lineno, c.statement, c.level, c.sqlstate, c.message
  from pg_catalog.pg_proc p
       join pg_catalog.pg_language l on l.oid = p.prolang
       left join pg_catalog.pg_trigger t on t.tgfoid = p.oid and not t.tgisinternal
       cross join lateral plpgsql_check_function_tb(
           p.oid, coalesce(t.tgrelid, 0), performance_warnings => false,
           security_warnings => true, extra_warnings => true,
           oldtable => t.tgoldtable, newtable => t.tgnewtable) c
 where l.lanname = 'plpgsql'
   and p.pronamespace::regnamespace::text = any(%s)
   and (p.prorettype <> 'trigger'::regtype or t.oid is not null)
   -- A literal without a cast, where a variable is declared: harmless.
   and not (c.level = 'warning' and c.sqlstate = '42804' and c.statement = 'statement block')
"""
COUNT = """
select count(*) from pg_catalog.pg_proc p join pg_catalog.pg_language l on l.oid = p.prolang
 where l.lanname = 'plpgsql' and p.pronamespace::regnamespace::text = any(%s)
"""

there = BINARIES.exists() and EXTENSION.exists()
needed = "NEEDS_POSTGRESQL_15" in os.environ
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not there and not needed, reason="PostgreSQL 15 with plpgsql_check is not here: ci/packages"
    ),
]


def run(*command: str | pathlib.Path) -> None:
    """Run one of the server's programs as a user that it accepts."""
    user = "postgres" if os.geteuid() == 0 else None
    subprocess.run(
        command,
        user=user,
        group=user,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        check=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )


@pytest.fixture(scope="module")
def conninfo() -> Iterator[str]:
    """Start a scratch PostgreSQL 15 with an empty database; its superuser's address."""
    # Not under pytest: the server may not pass there, and a socket has a short path.
    base = pathlib.Path(tempfile.mkdtemp(prefix="rempart15-"))
    if os.geteuid() == 0:
        found = pwd.getpwnam("postgres")
        os.chown(base, found.pw_uid, found.pw_gid)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = f"-c listen_addresses= -p {port} -k {base} -c fsync=off"
    try:
        run(
            *(BINARIES / "initdb", "-D", base / "data", "-U", "rempart_migrator"),
            *("-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"),
        )
        run(
            *(BINARIES / "pg_ctl", "-D", base / "data", "-w", "-s"),
            *("-l", base / "log", "-o", options, "start"),
        )
        address = f"host={base} port={port} user=rempart_migrator"
        with psycopg.connect(f"{address} dbname=postgres", autocommit=True) as owner:
            owner.execute("create database rempart")
        yield f"{address} dbname=rempart"
    finally:
        with contextlib.suppress(subprocess.CalledProcessError):
            run(BINARIES / "pg_ctl", "-D", base / "data", "-w", "-s", "-m", "immediate", "stop")
        shutil.rmtree(base, ignore_errors=True)


@pytest.fixture(scope="module")
def installed(conninfo: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Install everything of ours, twice: the second time must find nothing to do."""
    keyring = FileKeyring.create(tmp_path_factory.mktemp("fifteen") / "keyring")
    asyncio.run(install(conninfo, keyring))
    asyncio.run(install(conninfo, keyring))
    return conninfo


def test_it_installs_on_fifteen(installed: str) -> None:
    with psycopg.connect(installed) as owner:
        version = owner.execute("show server_version_num").fetchone()
        functions = owner.execute(COUNT, [SCHEMAS]).fetchone()
    assert version is not None
    assert version[0].startswith("15")
    assert functions is not None
    assert functions[0] > 10


def test_function_bodies_hold(installed: str) -> None:
    with psycopg.connect(installed) as owner:
        owner.execute("create extension plpgsql_check")
        assert owner.execute(CHECK, [SCHEMAS]).fetchall() == []


@pytest.mark.parametrize(
    "statement, said",
    [
        # Taken, and found to be empty: the stack is worded there as it is read.
        ("call rights.ask('[]')", "a batch holds 1 to 128 questions"),
        ("select rights.ask_batch('[]')", "questions are asked by rights.ask alone"),
        ("create rule r as on insert to billing.engagement do nothing", "defines nothing"),
        ("select pg_logical_emit_message(false, 'a', 'b')", "permission denied"),
        ("select pg_current_wal_lsn()", "permission denied"),
    ],
)
def test_questions_are_kept_to_themselves_on_fifteen(
    installed: str, statement: LiteralString, said: str
) -> None:
    address = installed.replace("user=rempart_migrator", "user=rempart_edge")
    with (
        psycopg.connect(address, autocommit=True) as edge,
        pytest.raises(psycopg.Error, match=said),
    ):
        edge.execute(statement)
