"""The print queue: letters to professionals, each a PDF that only its owner's user can read."""

import json
import os
import re
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Final

from rempart.foundation.database import Database
from rempart.foundation.errors import RempartError
from rempart.foundation.texts import Language, texts

_NUMBER: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class LetterError(RempartError):
    """A letter that cannot be made, found or moved. Names the path, never what it says."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that waits to be printed."""

    letter_no: str
    name: str
    site: str
    site_label: str
    queued_at: datetime


def write_letter(
    folder: Path, letter_no: str, *, name: str, site: str, site_label: str, code: str, days: int
) -> Path:
    """Write the letter that carries a recovery's second code; returns its path, mode 0600.

    The code is on this paper and nowhere else: the database keeps a hash. Raises `LetterError`.
    """
    import typst  # noqa: PLC0415 - 34 MB, which only a letter needs

    say = texts(Language.FRENCH)
    words = ("title", "lead", "code", "how", "warning", "nobody")
    told = {word: say(f"letter.recovery.{word}", days=days) for word in words}
    told |= {"name": name, "site": f"{site_label} ({site})", "second": code}
    template = files("rempart.identity").joinpath("paper", "recovery.typ").read_bytes()
    try:
        pdf = typst.compile(
            template,
            sys_inputs={"told": json.dumps(told)},
            ignore_system_fonts=True,
            pdf_standards=["ua-1"],
        )
    except RuntimeError as error:
        raise LetterError("the letter cannot be set") from error
    return _write(folder, letter_no, bytes(pdf))


async def list_letters(database: Database) -> list[Letter]:
    """List the letters that wait, the oldest first, as ``rempart_desk``."""
    rows = await database.call("identity.list_letters")
    return [Letter(**row | {"letter_no": str(row["letter_no"])}) for row in rows]


async def take_letter(database: Database, folder: Path, letter_no: str, target: Path) -> bool:
    """Move a letter out of the queue to be printed; False: there is none, or it was taken.

    Raises `LetterError` when its file cannot be read or written: it waits in the queue then.
    """
    if _NUMBER.fullmatch(letter_no) is None:
        return False
    path = folder / f"{letter_no}.pdf"
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise LetterError(f"{path} cannot be read: {error.strerror}") from error
    async with database.transaction() as transaction:
        (row,) = await transaction.call("identity.take_letter", letter_no)
        if row["take_letter"] is not True:
            return False
        # Before the commit: what was not written is not taken.
        _write(target.parent, target.stem, content, target.suffix)
    path.unlink()
    return True


def _write(folder: Path, name: str, content: bytes, suffix: str = ".pdf") -> Path:
    path = folder / f"{name}{suffix}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
    except OSError as error:
        raise LetterError(f"{path} cannot be written: {error.strerror}") from error
    return path
