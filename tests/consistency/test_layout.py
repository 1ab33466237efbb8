"""The tree is the one that the documents describe: known folders, telling names, bounded sizes."""

import ast
import functools
import pathlib

from tests.consistency.source import ROOT, files, python_files, text

TOP = {"src", "tests", "docs", "bench", "vectors", "ci", ".ci"}
TOP_FILES = {
    ".gitignore",
    ".squawk.toml",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "SECURITY.md",
    "pyproject.toml",
    "requirements-dev.txt",
    "requirements.txt",
}
FEATURES = {
    "rights", "registry", "guard", "journal", "identity", "billing", "intake", "simulation",
}  # fmt: skip
ENTRIES = {"api", "portal", "desk", "insurer", "cli"}
BASE = {"edge", "foundation", "database", "locale"}
TEST_FOLDERS = (
    FEATURES | ENTRIES | BASE | {"promises", "http", "browser", "property", "races", "attack"}
) | {"consistency", "blinding", "demo", "support", "vectors", "bad_days"}
SAYS_NOTHING = {"util", "utils", "common", "manager", "helper", "helpers", "misc"}

LONGEST_FILE = 300
LONGEST_FUNCTION = 40
LONGEST_TEST = 50


def test_the_top_folders_are_known() -> None:
    assert {p.parts[0] for p in files() if len(p.parts) > 1} <= TOP
    assert {p.name for p in files() if len(p.parts) == 1} <= TOP_FILES


def test_the_package_folders_are_known() -> None:
    inside = {p.parts[2] for p in files() if p.parts[:2] == ("src", "rempart") and len(p.parts) > 3}
    assert inside <= FEATURES | ENTRIES | BASE | {"incident"}
    loose = {p.name for p in files() if p.parts[:2] == ("src", "rempart") and len(p.parts) == 3}
    assert loose <= {
        "__init__.py",
        "__main__.py",
        "app.py",
        "opened.py",
        "portal_routes.py",
        "published.py",
        "route.py",
        "routes.py",
        "py.typed",
    }


def test_the_test_folders_are_known() -> None:
    assert {p.parts[1] for p in files() if p.parts[0] == "tests" and len(p.parts) > 2} <= (
        TEST_FOLDERS
    )


def test_every_python_folder_of_the_package_is_a_package() -> None:
    folders = {p.parent for p in python_files() if p.parts[0] == "src"} - {pathlib.Path("src")}
    assert [f for f in folders if not (ROOT / f / "__init__.py").exists()] == []


def test_no_name_says_nothing() -> None:
    assert [p for p in files() if SAYS_NOTHING & {*p.parts[:-1], p.stem}] == []


@functools.cache
def outlines() -> dict[pathlib.Path, tuple[str | None, tuple[tuple[str, int], ...]]]:
    """Read each Python file once: what it says that it is for, its functions and their lengths."""
    return {path: outline(ast.parse(text(path))) for path in python_files()}


def outline(tree: ast.Module) -> tuple[str | None, tuple[tuple[str, int], ...]]:
    functions = (
        (node.name, code_lines(node))
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return ast.get_docstring(tree), tuple(functions)


def test_each_python_file_says_why_it_exists() -> None:
    assert [path for path, (why, _) in outlines().items() if not why] == []


def test_python_files_stay_short() -> None:
    lengths = {str(p): len(text(p).splitlines()) for p in python_files()}
    assert {name: n for name, n in lengths.items() if n > LONGEST_FILE} == {}


def test_python_functions_stay_short() -> None:
    too_long = {
        f"{path}:{name}": lines
        for path, (_, functions) in outlines().items()
        for name, lines in functions
        if lines > (LONGEST_TEST if path.parts[0] == "tests" else LONGEST_FUNCTION)
    }
    assert too_long == {}


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count a function's lines, its docstring left out."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function) is not None:
        said = function.body[0]
        lines -= (said.end_lineno or said.lineno) - said.lineno + 1
    return lines


def test_packages_without_code_are_not_kept() -> None:
    empty = [p for p in files() if not (ROOT / p).stat().st_size and p.name != "py.typed"]
    assert empty == []
