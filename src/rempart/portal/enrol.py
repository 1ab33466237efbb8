"""GET /portal/enrol: an invitation's link leads here; its code stays behind # and is not sent."""

from starlette.requests import Request
from starlette.responses import Response

from rempart.portal.guards import is_demonstration
from rempart.portal.page import pages


async def enrol(request: Request) -> Response:
    """Show where an invited colleague makes a passkey; on a demonstration, a key in software."""
    return pages(request).show(request, "enrol", is_demonstration=await is_demonstration(request))
