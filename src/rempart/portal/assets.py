"""Style, icons and scripts of the pages: our own, served from our own host, and nothing else."""

from functools import cache, partial
from importlib.resources import files
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from rempart.edge.guarded import Endpoint

READER: Final = (
    "vendor/zxing-wasm/reader/index.js",
    "vendor/zxing-wasm/share.js",
    "vendor/zxing-wasm/zxing_reader.wasm",
)
"""What reads codes: somebody else's work as published, kept here (docs/decisions/0012)."""

ASSETS: Final = (
    "portal.css",
    "icons.svg",
    "favicon.svg",
    "fields.js",
    "dialog.js",
    "counter.css",
    "key.js",
    "proof.js",
    "passkey.js",
    "presence.js",
    "lock.js",
    "counter.js",
    "locked.js",
    "offered_keys.js",
    "sign_in.js",
    "enrol.js",
    "account.js",
    "people.js",
    "software_key.js",
    "demo.css",
    "demo.js",
    "theft.css",
    "theft.js",
    "theft_chart.js",
    "theft_report.js",
    "activity.css",
    "activity.js",
    "budgets.css",
    "budgets.js",
    "exception.js",
    "site.js",
    "ask.css",
    "ask.js",
    "ask_exception.js",
    "answer.js",
    "card.js",
    "wedge.js",
    "camera.js",
    *READER,
    "closed.js",
)
"""Each is a file of static/, at /portal/static/NAME."""

_MEDIA: Final = {
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "wasm": "application/wasm",
}


def asset(name: str) -> Endpoint:
    """Return the handler that serves one file."""
    return partial(_serve, name)


async def _serve(name: str, _request: Request) -> Response:
    return Response(_content(name), media_type=_MEDIA[name.rpartition(".")[2]])


@cache
def _content(name: str) -> bytes:
    return files("rempart.portal").joinpath("static", *name.split("/")).read_bytes()
