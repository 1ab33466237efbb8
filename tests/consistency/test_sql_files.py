"""Each SQL function is alone in its file, pinned, explained, granted and called."""

import functools
import pathlib
import re
from collections.abc import Callable

from tests.consistency.source import ROOT, SqlFunction, files, sql_functions, text

GRANTS = ROOT / "src" / "rempart" / "database" / "grants.sql"
CREATES = re.compile(
    r"^\s*create\s+(?:or\s+replace\s+)?(function|procedure)\s+([\w.]+)", re.MULTILINE
)
PINS = (
    "security definer",
    "set search_path = pg_catalog, pg_temp",
    "set timezone = 'europe/paris'",
    "set datestyle = 'iso, ymd'",
)
HEADER = ("", "charges|records", "called by", "locks", "round trips")


def broken(check: Callable[[SqlFunction], object]) -> list[str]:
    """Name the functions of which the check does not hold."""
    return [function.full_name for function in sql_functions() if not check(function)]


def test_there_are_functions() -> None:
    assert len(sql_functions()) > 20


def test_one_function_named_as_its_file() -> None:
    def kind(function: SqlFunction) -> str:
        return "procedure" if function.full_name in COMMITS else "function"

    assert broken(lambda f: CREATES.findall(f.code) == [(kind(f), f.full_name)]) == []
    assert broken(lambda f: f"create or replace {kind(f)}" in f.code) == []


def test_five_lines_say_what_it_does() -> None:
    def holds(function: SqlFunction) -> bool:
        lines = function.text.splitlines()
        return lines[5].startswith("create or replace ") and all(
            line.startswith("-- ") and re.search(word, line, re.IGNORECASE)
            for line, word in zip(lines[:5], HEADER, strict=True)
        )

    assert broken(holds) == []


# A procedure may commit if it runs as its caller and pins nothing: it calls one function, no more.
COMMITS = ["rights.ask"]
# Read nothing and run inside a pinned caller: a definer's settings would cost more than their work.
PURE = ["guard.charged", "guard.has_one", "journal.field", "journal.pack"]


def test_its_session_is_pinned() -> None:
    def head(function: SqlFunction) -> str:
        return re.sub(r"\s+", " ", function.code).lower().split("$$", 1)[0]

    assert broken(lambda f: all(pin in head(f) for pin in PINS)) == PURE + COMMITS
    assert broken(lambda f: f.full_name not in PURE or "immutable" in head(f)) == []


def test_it_is_commented() -> None:
    assert (
        broken(lambda f: re.search(rf"comment on \w+ {re.escape(f.full_name)}\s*\(", f.code)) == []
    )


def test_it_does_nothing_after_its_body() -> None:
    def statements(function: SqlFunction) -> list[str]:
        after = re.sub(r"'(?:[^']|'')*'", "''", function.code.rsplit("$$", 1)[-1])
        return [one.split()[0] for one in after.split(";") if one.split()]

    assert broken(lambda f: statements(f) == ["comment"]) == []


def test_no_dynamic_sql_and_no_select_star() -> None:
    dynamic = re.compile(r"\bexecute\s+(format|'|_|pg_catalog\.format)", re.IGNORECASE)
    # A month's table has its month in its name, and DDL takes no parameter.
    assert broken(lambda f: not dynamic.search(f.code)) == ["journal.make_months"]
    # A function's own row type may be taken whole; a table's columns are named.
    star = re.compile(
        r"select\s+\*\s+(?:into\s+(?:strict\s+)?\w+\s+)?from\s+[\w.]+\b\s*[^\w.(\s]", re.IGNORECASE
    )
    assert broken(lambda f: not star.search(f.code)) == []


def test_grants_stand_on_one_page() -> None:
    granting = [
        str(p)
        for p in files()
        if p.suffix == ".sql"
        and p.parts[0] == "src"
        and p.name not in {"grants.sql", "roles.sql"}
        and re.search(r"^\s*(grant|revoke)\b", text(p), re.MULTILINE | re.IGNORECASE)
    ]
    assert granting == []


@functools.cache
def callers(function: SqlFunction) -> list[pathlib.Path]:
    """List the files that name a function in Python or call it in SQL."""
    name = re.escape(function.full_name)
    in_python = re.compile(rf"[\"']{name}[\"']")
    in_sql = re.compile(rf"(?<!comment on function )(?<!comment on procedure ){name}\s*\(")
    return [
        path
        for path, source in sources().items()
        # Most name it nowhere, which is told at once.
        if function.full_name in source
        and path != function.path
        and (in_python if path.suffix == ".py" else in_sql).search(source)
    ]


@functools.cache
def sources() -> dict[pathlib.Path, str]:
    """Read every file that may call a function."""
    return {
        p: re.sub(r"--[^\n]*", "", text(p)) if p.suffix == ".sql" else text(p)
        for p in files()
        if p.parts[0] == "src" and p.suffix in {".py", ".sql"} and p.name != "grants.sql"
    }


def test_each_is_called() -> None:
    assert broken(callers) == []


def test_each_that_others_call_is_on_the_page_of_grants() -> None:
    page = re.sub(r"--[^\n]*", "", GRANTS.read_text(encoding="utf-8"))

    def holds(function: SqlFunction) -> bool:
        own = pathlib.Path("src/rempart") / function.schema / "sql"
        called_by_others = [p for p in callers(function) if p.parent != own and p.suffix == ".sql"]
        called_from_python = [p for p in callers(function) if p.suffix == ".py"]
        if not called_by_others and not called_from_python:
            return True  # its own feature's role owns it
        if re.search(r"returns (event_)?trigger", function.code):
            return True  # a trigger is called by nobody
        return re.search(rf"\b{re.escape(function.full_name)}\b", page) is not None

    assert broken(holds) == []


def test_migrations_are_numbered_without_a_gap() -> None:
    names = sorted(p.name for p in files() if p.parent.name == "migrations" and p.suffix == ".sql")
    assert [n for n in names if not re.fullmatch(r"\d{4}_[a-z_]+\.sql", n)] == []
    assert [int(n[:4]) for n in names] == list(range(1, len(names) + 1))


def test_tables_are_commented() -> None:
    missing = []
    for path in files():
        if path.parent.name != "migrations" or path.suffix != ".sql":
            continue
        code = re.sub(r"--[^\n]*", "", text(path))
        for table in re.findall(r"create (?:unlogged )?table (?:if not exists )?([\w.]+)", code):
            made = code.split(f"table {table}", 1)[1].split(";", 1)[0]
            if "partition of" not in made and f"comment on table {table} " not in code:
                missing.append(table)
    assert missing == []
