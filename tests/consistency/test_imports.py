"""Imports go one way, nothing works at import, and no SQL hides in Python."""

import ast
import json
import os
import pathlib
import re
import subprocess
import sys

from tests.consistency.source import ROOT, python_files, text

SQL = re.compile(
    r"^\s*(select\s.+\sfrom\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s|"
    r"(create|alter|drop)\s+(table|role|function|schema|database)\b|grant\s+\S+.*\sto\s|truncate\s)",
    re.IGNORECASE | re.DOTALL,
)
# The installer speaks to the catalogue before any of our functions exists.
MAY_HOLD_SQL = {"src/rempart/foundation/database.py"}

WATCH = """
import importlib, json, pkgutil, sys, threading, traceback
sys.dont_write_bytecode = True
seen = []
WATCHED = ("socket.connect", "socket.bind", "subprocess.Popen", "os.system", "os.fork", "os.mkdir")
def writes(event, args):
    return event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+")
def watch(event, args):
    if event in WATCHED or writes(event, args):
        stack = [f.filename for f in traceback.extract_stack()]
        if any("/rempart/" in f.replace("\\\\", "/") for f in stack):
            seen.append([event, str(args[0])[:80]])
sys.addaudithook(watch)
import rempart
for found in pkgutil.walk_packages(rempart.__path__, "rempart."):
    if not found.name.endswith("__main__"):
        importlib.import_module(found.name)
print(json.dumps({"did": seen, "threads": threading.active_count()}))
"""


def test_the_import_rules_hold() -> None:
    done = subprocess.run(
        [pathlib.Path(sys.executable).parent / "lint-imports", "--no-cache", "--no-logo"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "src"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_importing_does_nothing() -> None:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("REMPART_", "COV", "PYTEST"))}
    done = subprocess.run(
        [sys.executable, "-c", WATCH], check=False, capture_output=True, text=True, env=clean
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {"did": [], "threads": 1}


def test_no_sql_hides_in_python() -> None:
    hidden = {
        str(path): node.value[:60]
        for path in python_files()
        if path.parts[0] == "src" and path.as_posix() not in MAY_HOLD_SQL
        for node in ast.walk(ast.parse(text(path)))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(node.value)
    }
    assert hidden == {}
