"""What a command says when the platform refuses what it sent."""

import os
from collections.abc import Mapping

import typer

from rempart.foundation.texts import from_environment, texts


def told_refusal(body: Mapping[str, object], because: str | None) -> dict[str, object]:
    """Return a refusal as scripts read it: its code, and the field that it names if it does."""
    named = {"field": body["field"]} if because is not None and "field" in body else {}
    return {"refused_because": because, **named}


def show_refusal(body: Mapping[str, object], because: str) -> None:
    """Say why, which field it is about, and what to do; never what was in the field."""
    say = texts(from_environment(os.environ))
    if f"problem.{because}.title" not in say:
        typer.echo(because)
        return
    title, *rest = (say(f"problem.{because}.{part}") for part in ("title", "detail", "remedy"))
    field = body.get("field")
    typer.echo("\n".join([f"{title} ({field})" if field else title, *rest]))
