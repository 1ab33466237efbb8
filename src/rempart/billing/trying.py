"""What a plan would pay for given lines, for whoever states it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rempart.foundation.database import Database, json_argument
from rempart.foundation.errors import BadInputError, MisuseError


@dataclass(frozen=True, slots=True)
class Line:
    """What was delivered, as a coarse category. Amounts in cents, of the whole line."""

    category: str
    quantity: int
    price_cents: int
    base_cents: int
    obligatory_cents: int


@dataclass(frozen=True, slots=True)
class LineAmount:
    """What a plan pays for one line, in cents; ``mode`` says whether it must agree first."""

    category: str
    mode: str
    amount_cents: int


async def try_plan(
    database: Database, amc: str, code: str, domain: str, lines: Sequence[Line]
) -> tuple[LineAmount, ...]:
    """Compute what a plan pays for lines, in order; empty when it does not. As rempart_desk.

    Raises `BadInputError` for a category that the domain does not have.
    """
    stated = json_argument([asdict(line) for line in lines])
    try:
        rows = await database.call("billing.try_plan", amc, code, domain, stated)
    except MisuseError as error:
        if error.sqlstate != "RP030":
            raise
        raise BadInputError("line", "this domain has no such category") from None
    return tuple(LineAmount(row["category"], row["mode"], row["amount_cents"]) for row in rows)
