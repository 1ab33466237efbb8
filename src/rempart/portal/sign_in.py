"""GET /portal/sign-in: touch a passkey, and be in. And the page that says one is out."""

from starlette.requests import Request
from starlette.responses import Response

from rempart.portal.guards import is_demonstration
from rempart.portal.page import pages


async def sign_in(request: Request) -> Response:
    """Show the sign-in."""
    return pages(request).show(request, "sign_in", is_demonstration=await is_demonstration(request))


async def signed_out(request: Request) -> Response:
    """Say that the session is over."""
    return pages(request).show(request, "signed_out")
