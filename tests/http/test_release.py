"""The release grid: what a question came to leaves at a whole step, a refusal no sooner."""

import asyncio
import time

import pytest
from starlette.responses import Response

from rempart.api.problems import ProblemError
from rempart.api.release import ReleaseGrid

STEP_MS = 300


async def took(grid: ReleaseGrid, work_s: float, *, refused: bool = False) -> float:
    async def work() -> Response:
        await asyncio.sleep(work_s)
        if refused:
            raise ProblemError("invalid_token")
        return Response(b"x")

    begun = time.monotonic()
    if refused:
        with pytest.raises(ProblemError):
            await grid.hold(work())
    else:
        assert (await grid.hold(work())).body == b"x"
    return time.monotonic() - begun


@pytest.mark.parametrize("refused", [False, True])
@pytest.mark.parametrize("work_s,steps", [(0.0, 1), (0.02, 1), (0.35, 2)])
def test_it_leaves_no_sooner_than_the_next_step(refused: bool, work_s: float, steps: int) -> None:
    elapsed = asyncio.run(took(ReleaseGrid(STEP_MS), work_s, refused=refused))
    assert elapsed >= steps * STEP_MS / 1000 - 0.01


def test_off_holds_nothing() -> None:
    assert asyncio.run(took(ReleaseGrid(0), 0.0)) < STEP_MS / 1000


def test_a_fault_is_not_held() -> None:
    async def work() -> Response:
        raise ZeroDivisionError

    begun = time.monotonic()
    with pytest.raises(ZeroDivisionError):
        asyncio.run(ReleaseGrid(60_000).hold(work()))
    assert time.monotonic() - begun < 30
