"""Insurers whose rights are hosted here and what their plans pay, as the desk states them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Literal

from rempart.foundation.errors import BadInputError
from rempart.registry.normalisation import normalise_amc

if TYPE_CHECKING:  # an insurer prepares its feed without the database's driver
    from rempart.foundation.database import Database


@dataclass(frozen=True, slots=True)
class CategoryRule:
    """What a plan pays for one category of a domain; amount and ceiling are for each unit.

    At most ``units`` of them in ``every_months``, where that is said.
    """

    mode: Literal["direct", "on_request"]
    rate_bp: int | None = None
    amount_cents: int | None = None
    ceiling_cents: int | None = None
    every_months: int | None = None
    units: int = 1


@dataclass(frozen=True, slots=True)
class DomainRule:
    """What a plan pays in a domain: as a card prints it (rate, basis points) or in cents.

    ``categories`` are paid by rules of their own, the others as the domain is.
    """

    mode: Literal["direct", "on_request"]
    rate_bp: int | None = None
    amount_cents: int | None = None
    ceiling_cents: int | None = None
    categories: Mapping[str, CategoryRule] = field(default_factory=dict)


async def add_insurer(database: "Database", amc: str, name: str) -> int:
    """Host an insurer's rights; return its id. Idempotent. As rempart_desk."""
    (row,) = await database.call("registry.add_insurer", normalise_amc(amc), name)
    return int(row["add_insurer"])


async def set_ending_share(database: "Database", amc: str, share_bp: int) -> bool:
    """Let a feed end this share of an insurer's covers (basis points) unconfirmed. As rempart_desk.

    False for an insurer that is not hosted. Raises `BadInputError`.
    """
    if not 0 <= share_bp <= 10_000:
        raise BadInputError("share", "from 0 to 100 % is due")
    (row,) = await database.call("registry.set_ending_share", normalise_amc(amc), share_bp)
    return bool(row["set_ending_share"])


async def set_answer_days(database: "Database", amc: str, days: int) -> bool:
    """Let an insurer answer claims for so many days after theirs, 1 to 90. As rempart_desk.

    False for an insurer that is not hosted. Raises `BadInputError`.
    """
    if not 1 <= days <= 90:
        raise BadInputError("days", "from 1 to 90 is due")
    (row,) = await database.call("registry.set_answer_days", normalise_amc(amc), days)
    return bool(row["set_answer_days"])


async def add_plan(
    database: "Database", amc: str, code: str, label: str, rules: Mapping[str, DomainRule]
) -> int:
    """Add or restate a plan, by domain; return its id. Idempotent. As rempart_desk.

    Raises `MisuseError` for an insurer that is not hosted or a rule that makes no sense.
    """
    from rempart.foundation.database import json_argument  # noqa: PLC0415 - as above

    stated = json_argument({domain: asdict(rule) for domain, rule in rules.items()})
    (row,) = await database.call("registry.add_plan", normalise_amc(amc), code, label, stated)
    return int(row["add_plan"])
