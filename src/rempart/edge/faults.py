"""The one place that catches everything: a fault is logged by where, and told by its id only."""

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rempart.edge.refusal import FAULT, UNAVAILABLE, Refuse
from rempart.edge.request_id import request_id
from rempart.foundation.errors import RempartError, UnavailableError


class BrokenAnswerError(RempartError):
    """A fault struck when the answer had begun: the server must drop the connection."""


class Faults:
    """Turns an exception into 503 (a part is missing) or 500 (a bug), and closes nothing else."""

    def __init__(self, app: ASGIApp, *, refuse: Refuse) -> None:
        """Wrap an application."""
        self._app = app
        self._refuse = refuse
        self._log = structlog.get_logger("rempart.faults")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application; answer for it if it raises before its answer began."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def send_noticed(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_noticed)
        except UnavailableError as error:
            self._note("unavailable", scope, error)
            if begun:
                raise BrokenAnswerError from None
            await self._refuse(scope, UNAVAILABLE)(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - the outermost catch of the web process
            self._note("fault", scope, error)
            if begun:
                raise BrokenAnswerError from None
            await self._refuse(scope, FAULT)(scope, receive, send)

    def _note(self, event: str, scope: Scope, error: Exception) -> None:
        # foundation/logs.py writes types and frames of it, never its message.
        self._log.error(event, request_id=request_id(scope), exc_info=error)
