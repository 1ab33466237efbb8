"""My activity: an account's own questions, page by page, and a receipt told again."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from rempart.api.portal_answers import answered, proved_by, read_json
from rempart.api.problems import ProblemError
from rempart.api.rights_messages import Domain, Hex16
from rempart.identity import PortalRefusal, Session
from rempart.rights import DAYS, Activity, Noted, Presented, Wanted

Instant = Annotated[
    str, msgspec.Meta(pattern=r"\A[0-9]{4}(-[0-9]{2}){2}T([0-9]{2}:){2}[0-9.]{2,9}\+00:00\Z")
]
"""As `ListedQuestion.at` was told: it comes back unchanged."""

Filter = Literal[
    "covered", "covered_on_request", "agreed", "nothing_agreed", "no_right_found",
    "better_evidence_needed",
    "exception_possible", "insurer_not_served", "closed", "refused",
]  # fmt: skip


class ActivityRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days in Paris, both included; then, of the page before, the last question's two keys."""

    first_day: dt.date
    last_day: dt.date
    domain: Domain | None = None
    outcome: Filter | None = None
    before_at: Instant | None = None
    before_entry: Hex16 | None = None


class ListedQuestion(msgspec.Struct, frozen=True):
    """One question; its outcome is empty when it was refused."""

    at: str
    entry: str
    kind: str
    domain: str
    outcome: str
    refused_because: str
    tally: int
    engagement: str | None
    told_before: bool


class ActivityAnswer(msgspec.Struct, frozen=True):
    """One page, newest first."""

    entries: list[ListedQuestion]
    has_more: bool


class ReceiptRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which of one's own questions: its two keys."""

    at: Instant
    entry: Hex16


async def list_activity(request: Request, shown: Presented, _session: Session) -> Response:
    """List a page of the session's own account's questions."""
    asked = await read_json(request, ActivityRequest)
    if not 0 <= (asked.last_day - asked.first_day).days < DAYS or asked.last_day.year > 9000:
        raise ProblemError("bad_date", "first_day")
    if (asked.before_at is None) != (asked.before_entry is None):
        raise ProblemError("missing_field", "before_entry")
    before = None
    if asked.before_at is not None and asked.before_entry is not None:
        before = _instant(asked.before_at, "before_at"), bytes.fromhex(asked.before_entry)
    wanted = Wanted(asked.first_day, asked.last_day, asked.domain, asked.outcome, before)
    found = await _activity(request).look(proved_by(shown), wanted)
    if isinstance(found, PortalRefusal):
        return answered(found)
    return answered(ActivityAnswer([_listed(one) for one in found.entries], found.has_more))


async def open_receipt(request: Request, shown: Presented, _session: Session) -> Response:
    """Tell the receipt of one question again, as `rempart journal check-receipt` takes it."""
    asked = await read_json(request, ReceiptRequest)
    at = _instant(asked.at, "at")
    found = await _activity(request).receipt(proved_by(shown), at, bytes.fromhex(asked.entry))
    return answered(found)


def _activity(request: Request) -> Activity:
    found: Activity = request.state.activity
    return found


def _instant(text: str, field: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        raise ProblemError("bad_format", field) from None


def _listed(one: Noted) -> ListedQuestion:
    return ListedQuestion(
        at=one.at.astimezone(dt.UTC).isoformat(),
        entry=one.entry.hex(),
        kind=one.kind,
        domain=one.domain,
        outcome=one.outcome,
        refused_because=one.refused_because,
        tally=one.tally,
        engagement=one.engagement,
        told_before=one.told_before,
    )
