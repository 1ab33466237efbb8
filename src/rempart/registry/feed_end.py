"""Ends one member at once: by reference on the platform, or as a delta of one line."""

import io
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from rempart.foundation.errors import BadInputError
from rempart.registry.feed_prepare import FeedKeys, prepare_feed
from rempart.registry.feed_reasons import reason_of
from rempart.registry.feed_source import COLUMNS, DELTA_COLUMNS, FeedProblem
from rempart.registry.normalisation import normalise_amc

if TYPE_CHECKING:  # an insurer prepares its feed without the database's driver
    from rempart.foundation.database import Database


async def end_member(
    database: "Database", amc: str, reference: bytes, last_day: date
) -> int | FeedProblem:
    """End the covers of the member behind a reference after a day; return how many, or why not.

    `database` is opened as rempart_intake. Guarantees given before stand.
    """
    (row,) = await database.call("registry.end_member", normalise_amc(amc), reference, last_day)
    if row["refused_because"] is not None:
        return reason_of(row["refused_because"])
    return int(row["ended"])


def prepare_end(
    out: Path, amc: str, keys: FeedKeys, who: dict[str, str], last_day: date, today: date
) -> None:
    """Write a delta that ends one person, on the insurer's premises.

    `who` has member_number, birth_date and birth_rank in plain. Raises `BadInputError`.
    """
    columns = (*COLUMNS, *DELTA_COLUMNS)
    cells = {**who, "valid_to": last_day.isoformat(), "action": "end"}
    if any(mark in cell for cell in cells.values() for mark in ',"\r\n'):
        raise BadInputError("--member", "holds what no member number has")
    source = ",".join(columns) + "\n" + ",".join(cells.get(name, "") for name in columns) + "\n"
    problems: list[FeedProblem] = []
    prepare_feed(
        io.BytesIO(source.encode()),
        out,
        amc,
        keys,
        today=today,
        on_problem=problems.append,
        is_delta=True,
    )
    for problem in problems:
        raise BadInputError(problem.column, problem.reason)
