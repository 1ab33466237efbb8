"""Whose account pays: the operator's own, from a file."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stdnum import bic
from stdnum.exceptions import ValidationError

from rempart.billing.bank import read_iban
from rempart.foundation.errors import BadInputError

_FIELDS: Final = {"name", "iban", "bic", "hour"}
_HOUR: Final = 6


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays, from where; ``hour``: the hour in Paris after which the day's batches are made."""

    name: str
    iban: str
    bic: str
    hour: int = _HOUR


def read_payer(path: Path) -> Payer:
    """Read the file of the setting ``REMPART_PAYER``: TOML with name, iban, bic and perhaps hour.

    Raises `BadInputError`, which names the field and never its value.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise BadInputError("payer", "is no TOML file that can be read") from None
    if set(told) - _FIELDS:
        raise BadInputError("payer", "holds name, iban, bic and hour, and nothing else")
    name, code, hour = told.get("name"), told.get("bic"), told.get("hour", _HOUR)
    if not isinstance(name, str) or not 1 <= len(name) <= 70:
        raise BadInputError("payer.name", "is a text of 1 to 70 characters")
    if not isinstance(hour, int) or not 0 <= hour <= 23:
        raise BadInputError("payer.hour", "is a number from 0 to 23")
    try:
        found: str = bic.validate(code if isinstance(code, str) else "")
    except ValidationError:
        raise BadInputError("payer.bic", "is no BIC") from None
    iban = told.get("iban")
    return Payer(name, read_iban(iban if isinstance(iban, str) else ""), found, hour)
