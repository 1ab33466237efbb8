"""The documents are true: their links, paths, settings, outcomes, refusals and commands exist."""

import pathlib
import re
import subprocess

import pytest

from bench._page import BEGIN, END, blocks_of, summary
from rempart.foundation import settings
from rempart.routes import TABLE
from tests.consistency.source import ROOT, all_documentation, documents, files, text

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
PATH = re.compile(r"`((?:src|tests|docs|bench|vectors|ci|\.ci)/[\w./-]+[\w/])`")
SPECIMEN = re.compile(r"NNNN|<|\*")


def test_links_lead_somewhere() -> None:
    lost = [
        f"{page}: {target}"
        for page, content in documents().items()
        for target in LINK.findall(content)
        if not target.startswith(("https:", "http:", "mailto:", "#"))
        and not (ROOT / page.parent / target.split("#")[0]).exists()
    ]
    assert lost == []


def test_anchors_are_headings() -> None:
    lost = []
    for page, content in documents().items():
        for target in LINK.findall(content):
            name, _, anchor = target.partition("#")
            if not anchor or ":" in name:
                continue
            there = ROOT / page.parent / name if name else ROOT / page
            headings = re.findall(r"(?m)^#+ (.+)$", there.read_text(encoding="utf-8"))
            slugs = {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in headings}
            if anchor not in slugs:
                lost.append(f"{page}: {target}")
    assert lost == []


def test_paths_in_the_documents_exist() -> None:
    lost = [
        f"{page}: {path}"
        for page, content in documents().items()
        if page.name != "CHANGELOG.md"
        for path in PATH.findall(content)
        if not SPECIMEN.search(path) and not (ROOT / path).exists() and "results/" not in path
    ]
    assert lost == []


def test_every_address_for_software_is_in_the_table() -> None:
    table = text(pathlib.Path("docs/api.md")).split("## The proof")[0]
    rows = [line.split("|") for line in table.splitlines() if line.startswith("| ")]
    shown = {
        (method, path, where)
        for _, methods, paths, places, *_ in rows
        for method in methods.strip().split(", ")
        for path in re.findall(r"`([^`]+)`", paths)
        for where in places.strip().split(", ")
    }
    due = {
        (row.method, row.path, {"signin": "sign-in"}.get(row.process, row.process))
        for row in TABLE
        if not row.for_portal and row.path.startswith("/v1/")
    }
    assert due == {one for one in shown if one[1].startswith("/v1/")}


def test_every_page_is_on_the_index() -> None:
    index = text(pathlib.Path("docs/index.md"))
    pages = [p.relative_to("docs") for p in documents() if p.parts[0] == "docs"]
    missing = [
        str(page)
        for page in pages
        if page.name != "index.md"
        and page.parts[0] != "decisions"
        and f"({page.as_posix()})" not in index
    ]
    assert missing == []


def test_every_decision_is_on_its_list() -> None:
    listed = text(pathlib.Path("docs/decisions/README.md"))
    pages = [p.name for p in files() if p.parent == pathlib.Path("docs/decisions")]
    decisions = sorted(name for name in pages if name != "README.md")
    assert [n for n in decisions if not re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", n)] == []
    assert [n for n in decisions if f"({n})" not in listed] == []
    assert len({n[:4] for n in decisions}) == len(decisions)


def test_every_setting_is_documented() -> None:
    page = text(pathlib.Path("docs/config.md"))
    named = {setting.variable for setting in settings.TABLE}
    named |= {
        name
        for path in files()
        if path.suffix == ".py" and path.parts[0] == "src"
        for name in re.findall(r"\bREMPART_[A-Z_]+[A-Z]\b", text(path))
    }
    assert sorted(n for n in named if n not in page) == []


def test_every_outcome_and_refusal_is_documented() -> None:
    from rempart.rights import Outcome, RefusedBecause

    page = text(pathlib.Path("docs/errors.md")) + text(pathlib.Path("docs/question.md"))
    codes = [one.value for one in (*Outcome, *RefusedBecause)]
    assert [code for code in codes if f"`{code}`" not in page] == []


def commands() -> dict[str, object]:
    """Walk the command line: full name to command."""
    import typer.main

    from rempart.cli import command_line

    found: dict[str, object] = {}

    def walk(command: object, name: str) -> None:
        inner = getattr(command, "commands", None)
        if inner is None:
            found[name] = command
            return
        for part, one in inner.items():
            walk(one, f"{name} {part}")

    walk(typer.main.get_command(command_line()), "rempart")
    return found


def test_every_command_is_documented() -> None:
    said = re.sub(r"\s+", " ", all_documentation())
    assert [name for name in commands() if name not in said] == []


def shown() -> list[str]:
    """List the commands that the README shows in its blocks."""
    blocks = re.findall(r"(?ms)^```(?:sh|console|bash)\n(.*?)^```", text(pathlib.Path("README.md")))
    lines = [line.strip().removeprefix("$ ") for block in blocks for line in block.splitlines()]
    return [line.split(" #")[0].strip() for line in lines if line and not line.startswith("#")]


def test_the_commands_of_the_readme_exist() -> None:
    makefile = text(pathlib.Path("Makefile"))
    known = commands()
    lost = []
    for line in shown():
        words = line.split()
        if words[0] == "make":
            lost += [t for t in words[1:] if "=" not in t and f"\n{t}:" not in makefile]
        elif words[0].endswith("rempart"):
            names = [f"rempart {' '.join(words[1:n])}" for n in (2, 3)]
            lost += [] if any(name in known for name in names) else [line]
        elif words[0] not in {"git", "cd", "curl", "openssl"}:
            lost.append(line)
    assert lost == []
    assert len(shown()) > 3


@pytest.mark.parametrize("name", ["outcomes", pytest.param("routes", marks=pytest.mark.slow)])
def test_the_quick_commands_run(name: str) -> None:
    for extra in ([], ["--json"]):
        done = subprocess.run(
            [ROOT / ".venv" / "bin" / "rempart", name, *extra],
            cwd=ROOT,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip()


def test_every_make_target_is_explained() -> None:
    makefile = text(pathlib.Path("Makefile"))
    phony = re.search(r"(?m)^\.PHONY: (.*)$", makefile)
    assert phony is not None
    targets = [t for t in phony.group(1).split() if not t.endswith("-venv")]
    assert [t for t in targets if not re.search(rf"(?m)^{t}:.*## \w", makefile)] == []


def test_the_figures_of_the_readme_are_those_that_were_measured() -> None:
    pages = documents()
    measured = blocks_of(pages[pathlib.Path("docs/performance.md")])
    assert len(measured) >= 3
    _, _, rest = pages[pathlib.Path("README.md")].partition(BEGIN)
    assert rest.partition(END)[0] == summary(measured)
