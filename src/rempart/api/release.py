"""Lets answers go at set moments only, so that their time says less: off by default."""

import asyncio
from collections.abc import Awaitable

from starlette.responses import Response

from rempart.api.problems import ProblemError


class ReleaseGrid:
    """Holds what a question came to until the next whole step since it arrived (docs/timing.md)."""

    def __init__(self, step_ms: int) -> None:
        """Take the step in milliseconds; 0 holds nothing."""
        self._step_s = step_ms / 1000

    async def hold(self, work: Awaitable[Response]) -> Response:
        """Await the work; return its answer, or raise its refusal, at the next step.

        A fault is not held: it says nothing of anybody, and whoever waits for it waits enough.
        """
        begun = asyncio.get_running_loop().time()
        try:
            answer = await work
        except ProblemError:
            await self._wait(begun)
            raise
        await self._wait(begun)
        return answer

    async def _wait(self, begun: float) -> None:
        if self._step_s:
            taken = asyncio.get_running_loop().time() - begun
            await asyncio.sleep(-taken % self._step_s)
