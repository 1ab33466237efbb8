"""PUT, GET and confirmation of /v1/feeds/{feed_id}: an insurer's own feeds, part by part."""

import base64
import binascii
import re
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from rempart.api.feed_messages import FEED_MEDIA, FeedProblemLine, FeedReport
from rempart.api.parts import IntakeParts
from rempart.api.problems import ProblemError
from rempart.intake import FEED_LIMIT, NAME, Part, PartRefusal, Report, Sender
from rempart.rights import Presented

_RANGE: Final = re.compile(r"bytes ([0-9]{1,15})-([0-9]{1,15})/([0-9]{1,15})")
_DIGEST: Final = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):")


async def send_feed(request: Request, presented: Presented) -> Response:
    """Take one part of a feed, or a small feed whole (RFC 9110, 14.5)."""
    name = _name(request)
    if request.headers.getlist("content-type") != [FEED_MEDIA]:
        raise ProblemError("not_octets")
    done = await _parts(request).receiving.send_part(
        _sender(presented), name, _part(request, presented.body)
    )
    return _told(name, done)


async def report_feed(request: Request, presented: Presented) -> Response:
    """Tell how far a feed is, and what became of it."""
    name = _name(request)
    return _told(name, await _parts(request).receiving.report(_sender(presented), name))


async def confirm_feed(request: Request, presented: Presented) -> Response:
    """Confirm a feed that ends more covers than is usual."""
    name = _name(request)
    if presented.body:
        raise ProblemError("bad_format", "body")
    refused = await _parts(request).receiving.confirm(_sender(presented), name)
    if refused is not None:
        raise ProblemError(refused.value)
    return Response(status_code=204)


def _parts(request: Request) -> IntakeParts:
    found: object = request.state.parts
    if not isinstance(found, IntakeParts):
        raise TypeError
    return found


def _sender(presented: Presented) -> Sender:
    return Sender(presented.token, presented.jkt, presented.proof_jti)


def _name(request: Request) -> str:
    name = str(request.path_params["feed_id"])
    if not NAME.fullmatch(name):
        raise ProblemError("bad_format", "feed_id")
    return name


def _part(request: Request, body: bytes) -> Part:
    """Read where these bytes belong and what the whole is; raise `ProblemError`."""
    digests = request.headers.getlist("repr-digest")
    found = _DIGEST.fullmatch(digests[0]) if len(digests) == 1 else None
    try:
        digest = base64.b64decode(found[1], validate=True) if found else b""
    except binascii.Error:
        digest = b""
    if len(digest) != 32:
        raise ProblemError("bad_format", "Repr-Digest")
    ranges = request.headers.getlist("content-range")
    if not ranges:
        first, last, total = 0, len(body) - 1, len(body)
    else:
        place = _RANGE.fullmatch(ranges[0]) if len(ranges) == 1 else None
        if place is None:
            raise ProblemError("bad_format", "Content-Range")
        first, last, total = (int(number) for number in place.groups())
    if total > FEED_LIMIT:
        raise ProblemError("feed_too_large")
    if not body or last - first + 1 != len(body) or last >= total:
        raise ProblemError("bad_format", "Content-Range")
    return Part(first, total, digest, body)


def _told(name: str, done: Report | PartRefusal) -> Response:
    if isinstance(done, PartRefusal):
        raise ProblemError(done.value)
    report = FeedReport(
        id=name,
        state=done.state,  # type: ignore[arg-type]  # the table's check has the same words
        total=done.total,
        received=done.received,
        accepted=done.accepted,
        refused=done.refused,
        ended=done.ended,
        before=done.before,
        after=done.after,
        mapped=done.mapped,
        renamed=done.renamed,
        problems=tuple(
            FeedProblemLine(line=one.line, column=one.column, reason=one.reason)
            for one in done.problems
        ),
    )
    return Response(msgspec.json.encode(report), media_type="application/json")
