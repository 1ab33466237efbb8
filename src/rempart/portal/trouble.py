"""What somebody is shown where a page cannot be: what is the matter, and what to do next."""

from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Scope

from rempart.edge.request_id import request_id
from rempart.portal.page import pages

ADDRESSES: Final = "/portal"
"""Under which a browser that looks gets a page, whatever happened."""

_NOT_HERE: Final = frozenset({404, 405})
_LATER: Final = frozenset({429, 503, 504})


def trouble_page(scope: Scope, status: int) -> ASGIApp:
    """Return the page for an error's status; it holds nothing that was sent but the address."""
    if status in _NOT_HERE:
        what = "not_here"
    elif status in _LATER:
        what = "later"
    else:
        what = "fault"
    request = Request(scope)
    return pages(request).show(
        request, "trouble", status=status, what=what, number=request_id(scope)
    )
