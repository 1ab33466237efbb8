"""Style, icons and scripts of the pages: our own, served from our own host, and nothing else."""

import gzip
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
    "tables.css",
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
    "figures.js",
    "parts.js",
    "once.js",
    "patience.js",
    "lines.js",
    "promise.js",
    "bill.css",
    "bill.js",
    "payments.css",
    "payments.js",
    "budgets.css",
    "budgets.js",
    "exception.js",
    "site.js",
    "authorization.css",
    "authorization.js",
    "card_form.js",
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

_GZIP: Final = {"Content-Encoding": "gzip"}


def asset(name: str) -> Endpoint:
    """Return the handler that serves one file."""
    return partial(_serve, name)


async def _serve(name: str, request: Request) -> Response:
    kind, headers = _MEDIA[name.rpartition(".")[2]], {"Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(_packed(name), media_type=kind, headers=headers | _GZIP)
    return Response(_content(name), media_type=kind, headers=headers)


@cache
def _packed(name: str) -> bytes:
    # What is the same for everybody, and no page: a packed size tells what is inside.
    return gzip.compress(_content(name), mtime=0)


@cache
def _content(name: str) -> bytes:
    return files("rempart.portal").joinpath("static", *name.split("/")).read_bytes()
