"""`rempart pay resume`: says that a restored copy was compared with the bank; it pays again."""

from datetime import datetime
from typing import Annotated, Final

import typer

from rempart.billing import ResumeRefusal, Stopped, StopReason
from rempart.cli.desk_work import REFUSALS, as_desk
from rempart.cli.output import Json, RefusedError, emit
from rempart.foundation.database import Database
from rempart.foundation.reach import NOT_TAKEN_UP
from rempart.guard import read_officer, read_reason

STOPPED: Final = {
    StopReason.NOT_TAKEN_UP: f"nothing is paid: {NOT_TAKEN_UP}",
    StopReason.RESTORED: "nothing is paid: this database was restored from a copy, and would pay"
    " again what was paid since; compare it with the bank as docs/restore.md says, then"
    " `rempart pay resume`",
}
"""What a run that is refused says."""

_REFUSALS: Final = REFUSALS | {
    ResumeRefusal.NOT_TAKEN_UP: NOT_TAKEN_UP,
    ResumeRefusal.NOT_STOPPED: "the payment is not stopped: nothing is to be resumed",
}


def register(group: typer.Typer) -> None:
    """Add the command below `rempart pay`."""
    group.command("resume")(resume)


def resume(
    reason: Annotated[
        str, typer.Option(help="What was compared, in short, without any number of a person's.")
    ],
    by: Annotated[str, typer.Option(help="The officer who compared it with the bank.")],
    as_json: Json = False,
) -> None:
    """After a restore: say that no claim owed here was paid since the copy. It pays again.

    Only once the bank's list of files (RP…) was compared as docs/restore.md says. The next restore
    stops the payment again.
    """
    from rempart.billing import resume as resume_payment

    plain, name = read_reason(reason), read_officer(by)

    async def work(desk: Database) -> datetime:
        outcome = await resume_payment(desk, plain, name)
        if isinstance(outcome, ResumeRefusal):
            raise RefusedError(_REFUSALS[outcome])
        return outcome

    told = {"resumed_at": as_desk(work).isoformat(), "reason": plain, "by": name}
    emit(told, as_json, lambda: typer.echo(f"the payment is resumed since {told['resumed_at']}"))


def told(stopped: Stopped | None) -> dict[str, str | None] | None:
    """Return a stop as JSON."""
    if stopped is None:
        return None
    copy_at = None if stopped.copy_at is None else stopped.copy_at.isoformat()
    return {"because": stopped.because.value, "copy_at": copy_at}


def show(stopped: Stopped | None) -> None:
    """Say that nothing is paid, why, and from when on the bank's files are to be compared."""
    if stopped is None:
        return
    typer.echo(f"STOPPED: {STOPPED[stopped.because]}")
    if stopped.copy_at is not None:
        typer.echo(f"         the copy goes to {stopped.copy_at:%Y-%m-%d %H:%M:%S %Z}")
