"""Ends the work for a client that has gone: what nobody waits for is not asked, nor charged."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

from starlette.types import Receive

LOOK_AFTER_S: Final = 0.25
"""Looking whether somebody is still there costs a task: it begins when an answer takes so long."""


async def run_unless_gone(work: Coroutine[Any, Any, None], receive: Receive) -> bool:
    """Run the work, cancelled when the client leaves; whether it came to its end.

    `receive` is the server's own, once the whole body has been read from it: from then on it tells
    of nothing but the client's leaving.
    """
    loop, asking = asyncio.get_running_loop(), asyncio.current_task()
    if asking is None:
        raise TypeError
    looking: list[asyncio.Task[None]] = []
    gone = False

    async def look() -> None:
        nonlocal gone
        while (await receive())["type"] != "http.disconnect":
            continue
        gone = True
        asking.cancel()

    alarm = loop.call_later(LOOK_AFTER_S, lambda: looking.append(loop.create_task(look())))
    try:
        await work
    except asyncio.CancelledError:
        # Somebody else's cancelling, the deadline's among them, is passed on.
        if not gone or asking.uncancel():
            raise
        return False
    finally:
        alarm.cancel()
        for task in looking:
            task.cancel()
    return True
