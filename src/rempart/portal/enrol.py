"""GET /portal/enrol: an invitation's link leads here; its code stays behind # and is not sent."""

from starlette.requests import Request
from starlette.responses import Response

from rempart.portal.page import pages


async def enrol(request: Request) -> Response:
    """Show where an invited colleague makes a passkey."""
    return pages(request).show(request, "enrol")
