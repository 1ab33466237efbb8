"""A question as a software sends it."""

import secrets
from datetime import date

import msgspec

from rempart.simulation.population import Person


class Question(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of `POST /v1/rights-questions`: a card, what for, and who asks for it."""

    insurer: str
    member_number: str
    birth_date: date
    birth_rank: int
    domain: str
    care_date: date
    evidence: str
    reference: str
    professional: str
    site: str
    card_secret: str | None = None


def question_about(
    person: Person,
    *,
    domain: str,
    on: date,
    professional: str,
    site: str,
    card_secret: str | None = None,
    reference: str | None = None,
) -> Question:
    """Ask about one card: `scan` when its secret is shown, else `typed`."""
    return Question(
        insurer=person.insurer,
        member_number=person.member_number,
        birth_date=person.birth_date,
        birth_rank=person.birth_rank,
        domain=domain,
        care_date=on,
        evidence="typed" if card_secret is None else "scan",
        card_secret=card_secret,
        reference=reference or secrets.token_hex(12),
        professional=professional,
        site=site,
    )
