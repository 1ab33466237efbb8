"""A question as a person typed it or a card said it: read forgivingly, for the portal alone.

Software writes a question in one way (`rights_messages`). People write dates and numbers as their
card prints them; what is meant is worked out here, and the rest is judged as for software.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from typing import Annotated, Final, TypeVar, cast

import msgspec
from msgspec import Meta

from rempart.api.claim_messages import ClaimLine
from rempart.api.problems import ProblemError
from rempart.api.rights_messages import Domain, Evidence, ExceptionAsked, PortalQuestion
from rempart.foundation.errors import BadInputError
from rempart.identity import Session
from rempart.registry import normalise_amc, normalise_member, normalise_rank
from rempart.rights import DOMAINS

_Read = TypeVar("_Read")

Typed = Annotated[str, Meta(max_length=64)]

_SEPARATORS: Final = re.compile(r"[ ./\-\u2010-\u2014\u2212]+")
_ISO: Final = re.compile(r"(?P<year>[0-9]{4}) (?P<month>[0-9]{2}) (?P<day>[0-9]{2})")
_FRENCH: Final = re.compile(r"(?P<day>[0-9]{1,2}) (?P<month>[0-9]{1,2}) (?P<year>[0-9]{4})")
_DIGITS: Final = re.compile(r"(?P<day>[0-9]{2})(?P<month>[0-9]{2})(?P<year>[0-9]{4})")


class TypedQuestion(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One question from the page. Who asks is the session's: naming it is possible, not needed."""

    insurer: Typed
    member_number: Typed
    birth_date: Typed
    birth_rank: Typed | int = "1"
    domain: Typed
    care_date: Typed
    evidence: Evidence
    card_secret: Annotated[str, Meta(min_length=13, max_length=80)] | None = None
    reference: Annotated[str, Meta(pattern="^[A-Za-z0-9._-]{1,64}$")]
    professional: Annotated[str, Meta(pattern="^[0-9]{11}$")] | None = None
    site: Annotated[str, Meta(pattern="^[0-9][0-9AB][0-9]{7}$")] | None = None
    exception: ExceptionAsked | None = None


class TypedQuote(TypedQuestion, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A question from the page with lines, which the page writes in cents."""

    lines: Annotated[tuple[ClaimLine, ...], Meta(min_length=1, max_length=40)]
    replaces: Annotated[str, Meta(max_length=32)] | None = None


def as_software_asks(typed: TypedQuestion, session: Session) -> PortalQuestion:
    """Return the question in the one form; raise `ProblemError` with the first field at fault."""
    return PortalQuestion(
        insurer=_given(normalise_amc, typed.insurer, "insurer"),
        member_number=_given(normalise_member, typed.member_number, "member_number"),
        birth_date=read_date(typed.birth_date, "birth_date"),
        birth_rank=_given(normalise_rank, str(typed.birth_rank).strip(), "birth_rank"),
        domain=_domain(typed.domain),
        care_date=read_date(typed.care_date, "care_date"),
        evidence=typed.evidence,
        card_secret=typed.card_secret,
        reference=typed.reference,
        professional=typed.professional or session.rpps,
        site=typed.site or session.site,
        exception=typed.exception,
    )


def read_date(raw: str, field: str) -> dt.date:
    """Read a day as people write it: ``01021950``, ``1/2/1950``, ``01.02.1950``, ``1950-02-01``.

    The year has four digits: with two, a person of five and one of a hundred and five look alike.
    Raises `ProblemError`, never with the value.
    """
    plain = _SEPARATORS.sub(" ", unicodedata.normalize("NFKC", raw)).strip()
    if not plain:
        raise ProblemError("missing_field", field)
    found = (
        _ISO.fullmatch(plain)
        or _FRENCH.fullmatch(plain)
        or _DIGITS.fullmatch(plain.replace(" ", ""))
    )
    if found is None:
        raise ProblemError("bad_date", field)
    try:
        return dt.date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        raise ProblemError("bad_date", field) from None


def _given(normalise: Callable[[str, str], _Read], raw: str, field: str) -> _Read:
    if not raw.strip():
        raise ProblemError("missing_field", field)
    try:
        return normalise(raw, field)
    except BadInputError:
        raise ProblemError("bad_format", field) from None


def _domain(raw: str) -> Domain:
    if raw not in DOMAINS:
        raise ProblemError("bad_format", "domain")
    return cast("Domain", raw)
