"""A lint or type rule is silenced only with its code and a reason beside it."""

import io
import pathlib
import re
import tokenize

from tests.consistency.source import python_files, text

SILENCER = re.compile(r"#\s*(noqa|type:\s*ignore|pragma:|ruff:|mypy:)", re.IGNORECASE)
EXPLAINED = re.compile(
    r"#\s*(noqa: ?[A-Z]+\d+(, ?[A-Z]+\d+)*|type: ?ignore\[[\w, -]+\]|pragma: no (cover|branch)"
    r"|ruff: ?noqa: ?[A-Z]+\d+)"
    r"\s*(#|-|:|,|;)+\s*\S.{4,}",
)


def bare(path: pathlib.Path) -> list[str]:
    """List the silencers of a file that give no code or no reason."""
    if not SILENCER.search(text(path)):
        return []
    comments = [
        (token.start[0], token.string)
        for token in tokenize.generate_tokens(io.StringIO(text(path)).readline)
        if token.type == tokenize.COMMENT
    ]
    return [
        f"{path}:{line}: {comment}"
        for line, comment in comments
        if SILENCER.match(comment) and not EXPLAINED.match(comment)
    ]


def test_each_silencer_has_a_reason() -> None:
    assert [one for path in python_files() for one in bare(path)] == []


def test_each_skip_has_a_reason() -> None:
    skip = re.compile(r"pytest\.(?:mark\.)?(?:skip|xfail)\b(?!if)([^\n]*\n?[^\n]*)")
    unexplained = [
        f"{path}: {found.group()}"
        for path in python_files()
        if path.parts[0] == "tests" and path.parts[1] != "consistency"
        for found in skip.finditer(text(path))
        if not re.search(r"[\"'].{10,}", found.group(1))
    ]
    assert unexplained == []
