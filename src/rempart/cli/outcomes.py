"""`rempart outcomes`: everything that an answer may say, and everything it may be refused for."""

import os
from collections.abc import Iterable

import typer

from rempart.cli.output import Json, emit
from rempart.foundation.texts import Language, Texts, from_environment, texts


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("outcomes")(outcomes)


def outcomes(as_json: Json = False) -> None:
    """List the outcomes of a question, and why questions and claims are refused."""
    from rempart.billing import ClaimRefusal
    from rempart.rights import Outcome, RefusedBecause

    keys = [(one.value, f"outcome.{one.value}") for one in Outcome]
    refusals = [(one.value, f"problem.{one.value}") for one in RefusedBecause]
    claims = [(one.value, f"problem.{one.value}") for one in ClaimRefusal]
    data = {
        "outcomes": [{"outcome": code, **_told(key)} for code, key in keys],
        "refusals": [{"refused_because": code, **_told(key)} for code, key in refusals],
        "claim_refusals": [{"refused_because": code, **_told(key)} for code, key in claims],
    }
    groups = (
        ("listing.outcome", keys),
        ("listing.refusal", refusals),
        ("listing.claim_refusal", claims),
    )
    emit(data, as_json, lambda: _show(texts(from_environment(os.environ)), groups))


def _told(key: str) -> dict[str, dict[str, str]]:
    return {
        language.value: {part: texts(language)(f"{key}.{part}") for part in ("title", "detail")}
        for language in Language
    }


def _show(say: Texts, groups: Iterable[tuple[str, list[tuple[str, str]]]]) -> None:
    from rich.console import Console
    from rich.table import Table

    for heading, rows in groups:
        table = Table(box=None, padding=(0, 2, 1, 0), header_style="bold")
        table.add_column(say(heading), no_wrap=True)
        table.add_column(say("listing.text"))
        for code, key in rows:
            table.add_row(code, f"[bold]{say(f'{key}.title')}[/bold]\n{say(f'{key}.detail')}")
        Console().print(table)
