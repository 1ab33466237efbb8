"""`rempart lines`, at the operator: lines of paid claims, sealed to the insurer's key."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from rempart.billing import LineKeyRefusal, LinesOf
from rempart.cli.client import as_desk, group_of
from rempart.cli.days import are_over, day_of, read_days
from rempart.cli.lines_insurer import register as register_insurer
from rempart.cli.lines_insurer import written
from rempart.cli.output import Json, RefusedError, emit, progress
from rempart.cli.paying import as_jobs
from rempart.foundation.database import Database
from rempart.foundation.reach import Reached
from rempart.foundation.settings import Settings

_REFUSALS: Final = {
    "insurer_unknown": "this platform does not host the rights of this insurer:"
    " `rempart insurer add`",
    "key_not_valid": "this is no public key",
    "key_retired": "this key was replaced, or is another insurer's: the insurer makes a new pair"
    " (`rempart lines keys`)",
    "author_not_valid": "an officer's name has 1 to 40 letters, digits, _ . -",
    "change_waits": "somebody stated another key at this moment: `rempart lines list`",
}

_NO_KEY: Final = "no key: they stay in clear until they are erased (`rempart lines trust`)"

Insurer = Annotated[str, typer.Option("--insurer", help="Its AMC number.")]


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = group_of("Seal what was delivered, of claims that are paid, to the insurer.")
    register_insurer(group)
    group.command("trust")(trust)
    group.command("list")(list_)
    group.command("seal")(seal)
    group.command("export")(export)
    app.add_typer(group, name="lines")


def trust(
    insurer: Insurer,
    public: Annotated[Path, typer.Option(help="The public key that the insurer sent.")],
    fingerprint: Annotated[
        str, typer.Option(help="Its fingerprint, as the insurer told it by another way.")
    ],
    by: Annotated[str, typer.Option(help="The officer who compared the two.")],
    as_json: Json = False,
) -> None:
    """State the public key that an insurer's lines are sealed to from now on.

    What was sealed to a former key stays under it, and a former key never comes back. Sealed to a
    key that is not the insurer's, lines would be lost to it: so the fingerprint is asked for.
    """
    from rempart.billing import grouped, read_public, set_line_key
    from rempart.guard import read_officer
    from rempart.registry import normalise_amc

    amc, author = normalise_amc(insurer), read_officer(by)
    key = read_public(public, fingerprint)

    async def work(desk: Database) -> datetime:
        outcome = await set_line_key(desk, amc, key, author)
        if isinstance(outcome, LineKeyRefusal):
            raise RefusedError(_REFUSALS[outcome])
        return outcome

    since = as_desk(work)
    told = {"insurer": amc, "key": key.key_id.hex(), "stated_at": since.isoformat(), "by": author}
    emit(
        told, as_json, lambda: typer.echo(f"sealed to {grouped(key.key_id)} since {day_of(since)}")
    )


def list_(as_json: Json = False) -> None:
    """List insurers: the key that their lines are sealed to, and claims sealed and in clear.

    Lines of an insurer without a key stay in clear until they are erased.
    """
    from rempart.billing import list_lines

    found = as_jobs(lambda _settings, _reached, database: list_lines(database))
    emit({"insurers": [_told(one) for one in found]}, as_json, lambda: _show(found))


def seal(as_json: Json = False) -> None:
    """Seal now what `rempart jobs` would seal: lines of claims that are paid. Names who has no key.

    May be cut off and begun again at any moment.
    """
    from rempart.billing import list_lines, seal_lines

    async def work(
        _settings: Settings, _reached: Reached, database: Database
    ) -> tuple[int, list[LinesOf]]:
        return await seal_lines(database), await list_lines(database)

    done, found = as_jobs(work)
    told = {"sealed": done, "insurers": [_told(one) for one in found]}

    def render() -> None:
        typer.echo(f"{done} claims were sealed")
        _show(found)

    emit(told, as_json, render)


def export(
    out: Annotated[Path, typer.Argument(help="A new file for the insurer.", show_default=False)],
    insurer: Insurer,
    start: Annotated[str, typer.Option("--from", help="The first day: 2027-03-01.")],
    end: Annotated[str, typer.Option("--to", help="The last day.")],
    as_json: Json = False,
) -> None:
    """Write what was sealed for an insurer on these days into a file. It alone can open it.

    What is sealed later on a day that is not over is in no file of the days after it.
    """
    from rempart.billing import list_lines, read_sealed
    from rempart.registry import normalise_amc

    amc, (first, last) = normalise_amc(insurer), read_days(start, end)

    async def work(_settings: Settings, _reached: Reached, database: Database) -> int:
        if amc not in {one.amc for one in await list_lines(database) if one.key_id}:
            raise RefusedError("no key of this insurer was ever stated: nothing is sealed for it")
        return await _exported(out, read_sealed(database, amc, first, last))

    is_whole = are_over(last)
    count = as_jobs(work)
    if not is_whole:
        progress("these days are not over: make this file again once they are, or lines are missed")
    told = {"file": str(out), "claims": count, "days_are_over": is_whole}
    emit(told, as_json, lambda: typer.echo(f"{count} claims are in {out}"))


async def _exported(out: Path, lines: AsyncIterator[bytes]) -> int:
    count = 0
    with written(out, "OUT") as file:
        async for line in lines:
            file.write(line)
            count += 1
    return count


def _told(found: LinesOf) -> dict[str, object]:
    return {
        "insurer": found.amc,
        "key": found.key_id and found.key_id.hex(),
        "stated_at": found.stated_at and found.stated_at.isoformat(),
        "by": found.author,
        "in_clear": found.in_clear,
        "sealed": found.sealed,
    }


def _show(found: list[LinesOf]) -> None:
    from rempart.billing import grouped

    for one in found:
        typer.echo(f"{one.amc:10}  {one.sealed:>8} sealed  {one.in_clear:>8} in clear")
        typer.echo(f"  {grouped(one.key_id) if one.key_id else _NO_KEY}")
    if not found:
        typer.echo("no insurer has lines of paid claims, or a key")
