"""`rempart pay settle`: says what became of a batch of which the bank's word is lost."""

import re
from enum import StrEnum
from typing import Annotated, Final

import typer

from rempart.billing import SettledBatch, SettleRefusal
from rempart.cli.desk_work import REFUSALS
from rempart.cli.insurer_plan import euros
from rempart.cli.output import Json, RefusedError, emit, load_settings
from rempart.cli.pay_resume import STOPPED
from rempart.cli.paying import payments_folder
from rempart.cli.roles import as_role
from rempart.foundation.errors import BadInputError
from rempart.guard import read_officer, read_reason

_REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9./_-]{0,34}")
_REFUSALS: Final[dict[str, str]] = REFUSALS | {
    **{because.value: said for because, said in STOPPED.items()},
    SettleRefusal.BATCH_UNKNOWN: "no batch has this name: `rempart pay list`",
    SettleRefusal.NO_FILE: "this batch never had a file: the bank can't have executed it",
    SettleRefusal.BATCH_PAID: "this batch is confirmed as paid: what the bank sent back goes in"
    " with `rempart pay return`",
    SettleRefusal.BATCH_ABANDONED: "this batch is on record as never executed, and its claims are"
    " owed again: if the bank did execute it, keep back the next file, and ask for the money back",
    SettleRefusal.SETTLED_OTHERWISE: "this batch is on record under another reference of the"
    " bank's: `rempart pay list`",
    SettleRefusal.REFERENCE_NOT_VALID: "--reference has 1 to 35 letters, digits, . / _ -",
}


class Became(StrEnum):
    """What became of a batch."""

    EXECUTED = "executed"
    NEVER_EXECUTED = "never-executed"


def register(group: typer.Typer) -> None:
    """Add the command below `rempart pay`."""
    group.command("settle")(settle)


def settle(
    message: Annotated[str, typer.Argument(help="The batch: RP…", show_default=False)],
    outcome: Annotated[
        Became,
        typer.Option(
            help="executed: the bank shows it, under --reference; never-executed: it does not and"
            " never will, as --reason says, and its claims are owed again."
        ),
    ],
    by: Annotated[str, typer.Option(help="The officer who asked the bank.")],
    reference: Annotated[
        str | None, typer.Option(help="Of one that was executed: the bank's reference.")
    ] = None,
    reason: Annotated[
        str | None,
        typer.Option(help="Of one that was not: how that is known, without anybody's number."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what became of a batch of which the bank's word is lost: once. Its file is removed here.

    Ask the bank first: whoever says never-executed of one that was has everybody in it paid twice.
    The claims of such a batch are in the next one, which is another day's.
    """
    name, word = read_officer(by), _word(outcome, reference, reason)
    found = _done(outcome, message, word, name)
    told = {
        "batch": message,
        "outcome": outcome.value,
        "settled_at": found.settled_at.isoformat(),
        "by": found.author,
        "reference": found.word if found.executed else None,
        "reason": None if found.executed else found.word,
        "transfers": found.transfers,
        "claims": found.claims,
        "amount_cents": found.amount_cents,
    }
    became = "paid" if found.executed else "owed again, in the next batch"
    said = f"{found.claims} claims, {euros(found.amount_cents)}: {became}; says {found.author}"
    emit(told, as_json, lambda: typer.echo(said))


def _word(outcome: Became, reference: str | None, reason: str | None) -> str:
    """What is kept of it; raises `BadInputError`, which names the option and holds no value."""
    if outcome is Became.EXECUTED:
        if reason is not None:
            raise BadInputError("--reason", "is for a batch that was never executed")
        if reference is None or not _REFERENCE.fullmatch(reference):
            raise BadInputError("--reference", "has 1 to 35 letters, digits, . / _ -")
        return reference
    if reference is not None:
        raise BadInputError("--reference", "is for a batch that was executed")
    if reason is None:
        raise BadInputError("--reason", "says how it is known that the bank never executed it")
    return read_reason(reason)


def _done(outcome: Became, message: str, word: str, author: str) -> SettledBatch:
    from rempart.billing import settle_executed, settle_never_executed

    settings = load_settings()
    work = settle_executed if outcome is Became.EXECUTED else settle_never_executed

    found = as_role(
        "rempart_desk",
        settings,
        lambda desk: work(desk, payments_folder(settings), message, word, author),
        # All claims of a day are one transaction.
        patience={"statement_timeout": "0"},
    )
    if isinstance(found, SettleRefusal):
        raise RefusedError(_REFUSALS[found])
    return found
