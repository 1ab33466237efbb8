"""Who may call what the portal's own page fetches: its origin always, a cookie and a proof."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from rempart.api.guards import checked_proof, presented
from rempart.api.problems import ProblemError
from rempart.edge.cookie import cookie_token
from rempart.edge.guarded import Endpoint, Guarded
from rempart.identity import Proof, Session, Sessions
from rempart.rights import Presented

BrowserEndpoint = Callable[[Request, Proof], Awaitable[Response]]
SessionEndpoint = Callable[[Request, Presented], Awaitable[Response]]
AskingEndpoint = Callable[[Request, Presented, Session], Awaitable[Response]]


def portal(handler: Endpoint) -> Guarded:
    """Let in whatever the portal's page sent: nobody is known yet."""

    async def guarded(request: Request) -> Response:
        _from_the_portal(request)
        return await handler(request)

    return Guarded("portal", guarded)


def browser(handler: BrowserEndpoint) -> Guarded:
    """Let in the portal's page with a proof by the browser's key: a session is about to begin."""

    async def guarded(request: Request) -> Response:
        _from_the_portal(request)
        proof, _, _ = await checked_proof(request, None)
        return await handler(request, proof)

    return Guarded("browser", guarded)


def session(handler: SessionEndpoint) -> Guarded:
    """Let in a cookie with a proof of this very request by the browser's key.

    Whether the session lives, and whether the proof is new, is decided in the transaction of the
    step itself.
    """

    async def guarded(request: Request) -> Response:
        _from_the_portal(request)
        return await handler(request, await presented(request, _due_token(request)))

    return Guarded("session", guarded)


def asking_session(handler: AskingEndpoint) -> Guarded:
    """Let in a live, unlocked session with a proof, and tell the handler whose it is: for the edge.

    Once the handler has answered, and not for a proof that it refused, the session goes on.
    """

    async def guarded(request: Request) -> Response:
        _from_the_portal(request)
        shown = await presented(request, _due_token(request))
        sessions: Sessions = request.state.sessions
        found = await sessions.find(shown.token, shown.jkt)
        if found is None:
            locked = await sessions.find_locked(shown.token, shown.jkt)
            raise ProblemError("session_over" if locked is None else "session_locked")
        answer = await handler(request, shown, found)
        await sessions.use(shown.token, shown.jkt, shown.network)
        return answer

    return Guarded("session", guarded)


def _due_token(request: Request) -> str:
    token = cookie_token(request)
    if token is None:
        raise ProblemError("session_over")
    return token


def _from_the_portal(request: Request) -> None:
    # edge/origin.py refuses a wrong origin; here a request without one is refused too.
    origin: str = request.state.portal_origin
    if request.headers.getlist("origin") != [origin]:
        raise ProblemError("wrong_origin")
