"""Renders docs/errors.md from the table of problems and the outcomes, so it cannot be wrong."""

from typing import Final

from rempart.api.problems import TABLE, Problem
from rempart.foundation.texts import Language, texts
from rempart.rights import Outcome, RefusedBecause

_HEAD: Final = """\
# Outcomes and errors

<!-- Made by rempart.api.errors_page from api/problems.py and the catalogues: change those. -->

An answer has one of these outcomes, always with status 200, the same keys and the same size.
Whatever led to an outcome can't be told from the answer.

| Outcome | In French | In English |
|---|---|---|
"""

_ERRORS: Final = """
Everything else is a problem (RFC 9457, `application/problem+json`) with these keys, always all
there: `type`, `title`, `status`, `code`, `field`, `detail`, `request_id`. `code` and `field` stay
as they are; the texts follow Accept-Language, French by default. A value that was sent is never
said back, and neither is the name of a field that doesn't exist.

A refusal marked *recorded* leaves an entry in the journal; a repeated proof and too many questions
leave one a minute, with their count. The others leave nothing.
"""

_RECORDED: Final = frozenset(RefusedBecause) - {RefusedBecause.CARE_DATE_OUT_OF_WINDOW}
"""The edge refuses a care date before the database, which refuses it too, would record it."""


def render_page() -> str:
    """Return the whole of docs/errors.md."""
    french, english = texts(Language.FRENCH), texts(Language.ENGLISH)
    outcomes = [
        f"| `{one.value}` | {french(f'outcome.{one.value}.detail')}"
        f" | {english(f'outcome.{one.value}.detail')} |"
        for one in Outcome
    ]
    return _HEAD + "\n".join(outcomes) + "\n" + _ERRORS + "".join(map(_section, TABLE.values()))


def _section(row: Problem) -> str:
    french, english = texts(Language.FRENCH), texts(Language.ENGLISH)
    key = f"problem.{row.code}"
    notes = [f"Status {row.status}"]
    if row.names_field:
        notes.append("names the field")
    if row.challenge:
        notes.append(f"`WWW-Authenticate: {row.challenge}`")
    if row.code in _RECORDED:
        notes.append("recorded")
    return (
        f"\n## {row.anchor}\n\n`{row.code}`: {english(f'{key}.title')}. {', '.join(notes)}.\n\n"
        f"{english(f'{key}.detail')} {english(f'{key}.remedy')}\n\n"
        f"> {french(f'{key}.title')}. {french(f'{key}.detail')} {french(f'{key}.remedy')}\n"
    )
