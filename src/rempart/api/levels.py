"""My budgets: what is left, in steps that stand for ten minutes."""

from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from rempart.api.portal_answers import answered, proved_by, read_json
from rempart.api.sessions import Nothing
from rempart.identity import PortalRefusal, Session
from rempart.rights import Levels, Presented


class ShownLevel(msgspec.Struct, frozen=True):
    """One budget; see `rempart.rights.Level`."""

    bucket: str
    left: Annotated[int, Meta(ge=0, le=10)]
    steps: Annotated[int, Meta(ge=1, le=10)]
    comes_back_s: int
    day: int
    week: int
    month: int
    noted_at: str


class LevelsAnswer(msgspec.Struct, frozen=True):
    """Every budget of the session's own account."""

    levels: list[ShownLevel]


async def show_levels(request: Request, shown: Presented, _session: Session) -> Response:
    """Show what is left of the session's own account's budgets."""
    await read_json(request, Nothing)
    levels: Levels = request.state.levels
    found = await levels.look(proved_by(shown))
    if isinstance(found, PortalRefusal):
        return answered(found)
    return answered(
        LevelsAnswer(
            [
                ShownLevel(
                    bucket=one.bucket,
                    left=one.left,
                    steps=one.steps,
                    comes_back_s=one.comes_back_s,
                    day=one.day,
                    week=one.week,
                    month=one.month,
                    noted_at=one.noted_at.isoformat(),
                )
                for one in found
            ]
        )
    )
