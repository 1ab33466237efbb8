"""Whom to write to at an insurer, as the desk states it."""

import re
from typing import Final

from rempart.foundation.database import Database
from rempart.foundation.errors import BadInputError
from rempart.foundation.texts import Language

_ADDRESS: Final = re.compile(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}")


async def set_contact(database: Database, amc: str, address: str, language: Language) -> bool:
    """Set an insurer's address; `amc` is normalised. As rempart_desk. False: it is not hosted.

    Raises `BadInputError` for what is no plain address: nothing that could end a header.
    """
    if not _ADDRESS.fullmatch(address) or len(address) > 254:
        raise BadInputError("--mail", "is no plain e-mail address")
    (row,) = await database.call("intake.set_contact", amc, address, language.value)
    return bool(row["set_contact"])
