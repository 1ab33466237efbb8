"""`rempart pay`: the payment, from what is owed to what the bank sent back."""

import csv
from pathlib import Path
from typing import Annotated, Final, TypeVar

import typer

from rempart.billing import Batch, PaymentRefusal, Returned, Stopped, Waiting
from rempart.cli import pay_notice, pay_resume, pay_settle
from rempart.cli.client import group_of
from rempart.cli.insurer_plan import euros
from rempart.cli.output import Json, RefusedError, emit, load_settings
from rempart.cli.paying import as_jobs, pay_now, payments_folder
from rempart.foundation.database import Database
from rempart.foundation.errors import BadInputError
from rempart.foundation.keyring import FileKeyring
from rempart.foundation.reach import Reached
from rempart.foundation.settings import Settings

_T = TypeVar("_T")

_REFUSALS: Final = {
    "batch_unknown": "no batch has this name: `rempart pay list`",
    "batch_abandoned": "this batch is on record as never executed (`rempart pay list`): its claims"
    " are owed again; if the bank did execute it, keep back the next file, and ask for the money"
    " back",
    "no_file": "this batch has no file yet: `rempart pay run`",
    "transfer_unknown": "no transfer has this end-to-end id",
    "not_paid": "this transfer's file was not confirmed: `rempart pay confirm`",
}
_LARGEST = 1_000_000
_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = group_of("Pay what is owed.")
    group.command("keys")(keys)
    group.command("run")(run_)
    group.command("list")(list_)
    group.command("confirm")(confirm)
    group.command("return")(return_)
    pay_notice.register(group)
    pay_resume.register(group)
    pay_settle.register(group)
    app.add_typer(group, name="pay")


def keys(as_json: Json = False) -> None:
    """Make the pair of keys that bank details are sealed to, in the keyring; an older one stays.

    The key `payment` opens every bank detail: keep it where the payment job runs, and nowhere else.
    """
    from rempart.billing import PRIVATE_KEY, PUBLIC_KEY, make_payment_keys

    keyring = FileKeyring.create(load_settings().keyring)
    make_payment_keys(keyring)
    told = {"private": PRIVATE_KEY, "public": PUBLIC_KEY}
    emit(told, as_json, lambda: typer.echo(f"in the keyring: {PRIVATE_KEY}, {PUBLIC_KEY}"))


def run_(as_json: Json = False) -> None:
    """Make today's batch of each insurer, and every file that the bank does not have yet.

    Run again, it makes the same files. Names the sites that can't be paid what they are owed.
    Refused after a restore, until `rempart pay resume`.
    """
    from rempart.billing import list_waiting

    async def work(
        settings: Settings, reached: Reached, database: Database
    ) -> tuple[list[Batch], list[Waiting], Path]:
        made = await pay_now(settings, reached, database)
        return made, await list_waiting(database), payments_folder(settings)

    made, waiting, folder = as_jobs(work)
    told = {
        "batches": [{**_told(one), "file": str(folder / one.file_name)} for one in made],
        "waiting": waiting,
    }

    def render() -> None:
        _show(made, waiting, none="no batch: nothing is to be paid")
        for one in made:
            typer.echo(f"file  {folder / one.file_name}")

    emit(told, as_json, render)


def list_(
    days: Annotated[int, typer.Option(min=1, max=800, help="Of the last so many days.")] = 31,
    as_json: Json = False,
) -> None:
    """List batches, newest first, the sites that can't be paid, and whether the payment is stopped.

    It is stopped after a restore, until somebody compared it with the bank (`rempart pay resume`).
    """
    from rempart.billing import list_batches, list_waiting, read_stop

    async def work(
        _settings: Settings, _reached: Reached, database: Database
    ) -> tuple[Stopped | None, list[Batch], list[Waiting]]:
        found = await list_batches(database, days)
        return await read_stop(database), found, await list_waiting(database)

    stopped, found, waiting = as_jobs(work)
    told = {
        "stopped": pay_resume.told(stopped),
        "batches": [_told(one) for one in found],
        "waiting": waiting,
    }

    def render() -> None:
        pay_resume.show(stopped)
        _show(found, waiting, none="no batch in these days")

    emit(told, as_json, render)


def confirm(
    message: Annotated[str, typer.Argument(help="The batch: RP…", show_default=False)],
    as_json: Json = False,
) -> None:
    """Say that the bank has a batch's file: what is in it is paid. The file is removed here."""
    from rempart.billing import confirm_batch

    paid_at = _granted(
        as_jobs(
            lambda settings, _, database: confirm_batch(
                database, payments_folder(settings), message
            )
        )
    )
    told = {"batch": message, "paid_at": paid_at.isoformat()}
    emit(told, as_json, lambda: typer.echo(f"paid since {told['paid_at']}"))


def return_(
    file: Annotated[
        Path, typer.Argument(help="CSV: end_to_end,reason; a line each.", show_default=False)
    ],
    as_json: Json = False,
) -> None:
    """Take back what the bank returned: it is owed again, and paid once the site has another IBAN.

    Every line that can be is taken, and the others are named by their numbers. The same file again
    changes nothing that was taken.
    """
    from rempart.billing import take_return

    lines = _returns(file)

    async def work(
        _settings: Settings, _reached: Reached, database: Database
    ) -> list[Returned | PaymentRefusal]:
        return [await take_return(database, one, reason) for _, one, reason in lines]

    outcomes = as_jobs(work)
    found = [one for one in outcomes if not isinstance(one, PaymentRefusal)]
    refused = [
        f"line {number}: {_REFUSALS[one]}"
        for (number, _, _), one in zip(lines, outcomes, strict=True)
        if isinstance(one, PaymentRefusal)
    ]
    if refused:
        more = f"; and {len(refused) - _SHOWN} more" if len(refused) > _SHOWN else ""
        said = "; ".join(refused[:_SHOWN]) + more
        raise RefusedError(f"{said}. The other {len(found)} lines are taken")

    def render() -> None:
        for one in found:
            became = "owed again" if one.is_new else "returned before: nothing changed"
            typer.echo(f"{one.site}  {one.claims:>6} claims  {euros(one.amount_cents)}  {became}")

    emit({"returned": found}, as_json, render)


def _returns(file: Path) -> list[tuple[int, str, str]]:
    """Read returns, each with its line's number; raises `BadInputError` for a wrong line."""
    try:
        text = file.read_text(encoding="utf-8-sig") if file.stat().st_size <= _LARGEST else None
    except (OSError, UnicodeDecodeError):
        text = None
    if text is None:
        raise BadInputError("FILE", "cannot be read, or is too large")
    rows = list(csv.reader(text.splitlines()))
    if not rows or rows[0] != ["end_to_end", "reason"]:
        raise BadInputError("FILE", "must begin with the line end_to_end,reason")
    found = []
    for number, row in enumerate(rows[1:], start=2):
        if not row:  # an empty line, as an editor leaves at the end
            continue
        if len(row) != 2 or not _is_end_to_end(row[0]) or not _is_reason(row[1]):
            raise BadInputError(f"line {number}", "is no end-to-end id of ours and a code")
        found.append((number, row[0], row[1]))
    return found


def _is_end_to_end(text: str) -> bool:
    return len(text) == 34 and text[:2] == "RP" and set(text[2:]) <= set("0123456789abcdef")


def _is_reason(text: str) -> bool:
    return 1 <= len(text) <= 4 and text.isascii() and text.isalnum() and text == text.upper()


def _granted(outcome: _T | PaymentRefusal) -> _T:
    if isinstance(outcome, PaymentRefusal):
        raise RefusedError(_REFUSALS[outcome])
    return outcome


def _told(batch: Batch) -> dict[str, object]:
    return {
        "batch": batch.message,
        "insurer": batch.amc,
        "on": batch.on_day.isoformat(),
        "transfers": batch.transfers,
        "returned": batch.returned,
        "claims": batch.claims,
        "amount_cents": batch.amount_cents,
        "file_sha256": batch.file_digest and batch.file_digest.hex(),
        "paid_at": batch.paid_at and batch.paid_at.isoformat(),
        "abandoned_at": batch.abandoned_at and batch.abandoned_at.isoformat(),
        "settled_by": batch.settled_by,
        "settled_because": batch.settled_because,
        "bank_reference": batch.bank_reference,
    }


def _show(batches: list[Batch], waiting: list[Waiting], *, none: str) -> None:
    for one in batches:
        typer.echo(
            f"{one.on_day}  {one.amc:10}  {one.message}  {one.transfers:>5} transfers"
            f"  {one.claims:>7} claims  {euros(one.amount_cents)}  {_became(one)}"
        )
    if not batches:
        typer.echo(none)
    for site in waiting:
        typer.echo(f"waits: site {site.site}, {euros(site.amount_cents)}, {site.because}")


def _became(batch: Batch) -> str:
    if batch.abandoned_at is not None:
        return f"never executed: {batch.settled_because} ({batch.settled_by})"
    if batch.paid_at is None:
        return "waits for the bank"
    if batch.bank_reference is None:
        return "paid"
    return f"paid: {batch.bank_reference} at the bank ({batch.settled_by})"
