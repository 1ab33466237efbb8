"""`rempart lines keys` and `open`, on the insurer's own premises: no database is needed."""

import csv
import io
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO, Final

import typer

from rempart.billing import LinesError, Opened
from rempart.cli.feed_report import opened
from rempart.cli.output import DOES_NOT_HOLD, OK, Json, emit
from rempart.foundation.errors import BadInputError, KeyMissingError
from rempart.foundation.keyring import FileKeyring
from rempart.foundation.sealing import SealError

_COLUMNS: Final = (
    "claim",
    "made_on",
    "place",
    "category",
    "quantity",
    "price_cents",
    "base_cents",
    "obligatory_cents",
)
_SHOWN: Final = 20

Insurer = Annotated[str, typer.Option("--insurer", help="Its AMC number.")]


def register(group: typer.Typer) -> None:
    """Add the commands below `rempart lines`."""
    group.command("keys")(keys)
    group.command("open")(open_)


def keys(
    insurer: Insurer,
    out: Annotated[Path, typer.Option("--out", help="Folder of the keys; former ones stay in it.")],
    as_json: Json = False,
) -> None:
    """Make the pair of keys that an insurer's lines are sealed to (at the insurer).

    The private one opens them and never leaves; without it they are lost.
    """
    from rempart.billing import make_line_key
    from rempart.registry import normalise_amc

    made = make_line_key(normalise_amc(insurer), out)

    def render() -> None:
        typer.echo(f"private key  {made.private}   never leaves; keep a copy: nothing else opens")
        typer.echo(f"public key   {made.public}   send it to the platform")
        typer.echo(f"fingerprint  {made.fingerprint}   tell it by another way, by telephone say")

    told = {
        "private_key": str(made.private),
        "public_key": str(made.public),
        "fingerprint": made.fingerprint,
    }
    emit(told, as_json, render)


def open_(
    file: Annotated[Path, typer.Argument(help="What the platform sealed.", show_default=False)],
    out: Annotated[Path, typer.Argument(help="A new file: CSV, in clear.", show_default=False)],
    insurer: Insurer,
    keys: Annotated[Path, typer.Option("--keys", help="Folder of `rempart lines keys`.")],
    as_json: Json = False,
) -> int:
    """Open sealed lines (at the insurer): health data, in a file that its owner alone can read.

    Each claim is opened with the key that it was sealed to. Exit 1 when one does not open.
    """
    from rempart.billing import open_line
    from rempart.registry import normalise_amc

    amc, keyring = normalise_amc(insurer), FileKeyring.open(keys)
    count, shut = 0, []
    with opened(file, "FILE") as source, written(out, "OUT") as target:
        target.write(_csv([_COLUMNS]))
        for number, raw in enumerate(source, start=1):
            try:
                target.write(_csv(_rows(open_line(keyring, amc, raw))))
                count += 1
            except KeyMissingError:
                shut.append({"line": number, "because": "its key is not in this folder"})
            except (BadInputError, SealError, LinesError) as error:
                shut.append({"line": number, "because": str(error)})

    def render() -> None:
        typer.echo(f"{count} claims are in {out}; {len(shut)} do not open")
        for one in shut[:_SHOWN]:
            typer.echo(f"  line {one['line']}: {one['because']}")

    emit({"claims": count, "not_opened": shut, "file": str(out)}, as_json, render)
    return DOES_NOT_HOLD if shut else OK


@contextmanager
def written(path: Path, field: str) -> Iterator[BinaryIO]:
    """Write a new file that its owner alone can read, whole or not at all.

    Until all of it is there its name stands for an empty file: nobody takes a part for the whole.
    Raises `BadInputError` when there is one of that name.
    """
    aside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    _begun(path, field).close()
    try:
        with _begun(aside, field) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException as error:
        aside.unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        if isinstance(error, OSError):  # the disk is full, say
            raise BadInputError(field, f"cannot be written: {error.strerror}") from None
        raise


def _begun(path: Path, field: str) -> BinaryIO:
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        return os.fdopen(os.open(path, flags, 0o600), "wb")
    except OSError as error:
        raise BadInputError(field, f"cannot be written: {error.strerror}") from None


def _rows(found: Opened) -> list[tuple[object, ...]]:
    return [
        (
            found.claim,
            found.delivered.made_on.isoformat(),
            place,
            one.category,
            one.quantity,
            one.price_cents,
            one.base_cents,
            one.obligatory_cents,
        )
        for place, one in enumerate(found.delivered.lines, start=1)
    ]


def _csv(rows: Iterable[Iterable[object]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()
