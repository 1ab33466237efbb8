"""What the consistency tests read: the files of the tree, and the SQL functions among them."""

import functools
import pathlib
import re
import subprocess
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "rempart"

GENERATED = {".venv", ".git", ".demo", ".run", "__pycache__", "results"}


@functools.cache
def files() -> tuple[pathlib.Path, ...]:
    """List every file of the project, relative to its root: what git knows or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    if listed.returncode == 0:
        names = {pathlib.Path(name) for name in listed.stdout.split("\0") if name}
    else:  # an unpacked archive
        names = {path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()}
    kept = [n for n in names if not GENERATED & set(n.parts) and (ROOT / n).is_file()]
    return tuple(sorted(kept))


def python_files() -> list[pathlib.Path]:
    """List the Python files of the project."""
    return [path for path in files() if path.suffix == ".py"]


def text(path: pathlib.Path) -> str:
    """Read a file of the project."""
    return (ROOT / path).read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class SqlFunction:
    """One file of a feature's sql/ folder."""

    path: pathlib.Path
    schema: str
    name: str
    text: str

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def code(self) -> str:
        """The text without its comments."""
        return re.sub(r"--[^\n]*", "", self.text)


@functools.cache
def sql_functions() -> tuple[SqlFunction, ...]:
    """List the files in src/rempart/<feature>/sql/."""
    return tuple(
        SqlFunction(path, path.parts[2], path.stem, text(path))
        for path in files()
        if path.suffix == ".sql" and path.parts[:2] == ("src", "rempart") and path.parts[3] == "sql"
    )


def documents() -> dict[pathlib.Path, str]:
    """Read every Markdown page of the project."""
    return {path: text(path) for path in files() if path.suffix == ".md"}


def all_documentation() -> str:
    """Join the README and the pages of docs/."""
    pages = documents()
    return "\n".join(pages[p] for p in pages if p.parts[0] == "docs" or p.name == "README.md")
