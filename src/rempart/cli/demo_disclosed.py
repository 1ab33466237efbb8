"""Reads out of the journal what one theft disclosed, and checks the journal that says so."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from rempart.foundation.database import Database
from rempart.journal import Entry, check_budgets, read_entries, verify
from rempart.simulation.plans import INSURERS
from rempart.simulation.population import Person

_DISCLOSED: Final = frozenset({"covered", "covered_on_request"})
_INSURERS: Final = {insurer.amc_number: insurer.name for insurer in INSURERS}
_TOLD: Final = ("rate_bp", "amount_cents", "ceiling_cents", "expires_on")
_OPENED: Final = (
    "salt_a", "salt_m", "professional", "site", "domain", "care_on", "evidence", "outcome",
    "refused_because", "rate_bp", "amount_cents", "ceiling_cents", "expires_on",
    "engagement_hash", "digest", "insurer", "member_reference",
)  # fmt: skip
"""What opens commitments A and M: what was told, and about whom. Never the connection."""


@dataclass(slots=True)
class Disclosed:
    """What the journal says of an account from a moment on.

    `rows` has one for each person about whom a cover was told; `proof` the same entries with what
    opens them; `refused` counts what was refused, `answered` what was answered, by outcome.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    proof: list[dict[str, Any]] = field(default_factory=list)
    answered: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    people: set[Person] = field(default_factory=set)


async def read_disclosed(
    journal: Database, rpps: str, site: str, since: datetime, cards: dict[str, Person]
) -> Disclosed:
    """Read what an account was told since an instant.

    `cards` says, by receipt number, which card was typed: only whoever asked knows that. The
    journal has the insurer and a reference that the insurer alone can resolve.
    """
    found = Disclosed()
    async for entry in read_entries(journal):
        payload = entry.payload or {}
        is_theirs = (payload.get("professional"), payload.get("site")) == (rpps, site)
        if not is_theirs or datetime.fromisoformat(entry.fields["recorded_at"]) < since:
            continue
        if entry.fields["kind"] == "refusal":
            found.refused += int(entry.fields["tally"])
        elif payload["outcome"]:
            found.answered[payload["outcome"]] += 1
            if payload["outcome"] in _DISCLOSED:
                _add(found, entry, cards)
    return found


async def check_books(journal: Database) -> dict[str, Any]:
    """Verify the whole journal, and recompute every budget from its entries."""
    whole, budgets = await verify(journal), await check_budgets(journal)
    return {"entries": whole.entries, "journal_ok": whole.ok, "budgets_ok": budgets.ok}


def _add(found: Disclosed, entry: Entry, cards: dict[str, Person]) -> None:
    payload = entry.payload or {}
    person = cards.get(entry.bytes_of("receipt").hex())
    if person is not None:
        found.people.add(person)
    found.rows.append(
        {
            "entry": entry.number,
            "at": entry.fields["recorded_at"],
            "outcome": payload["outcome"],
            "insurer": _INSURERS.get(payload["insurer"], payload["insurer"]),
            "reference": str(payload["member_reference"]).removeprefix("\\x"),
            "card": "" if person is None else person.member_number,
            "engagement": payload["engagement_hash"] is not None,
            "leaf": entry.bytes_of("leaf_hash").hex(),
            **{name: payload[name] for name in _TOLD},
        }
    )
    found.proof.append(
        {"entry": entry.fields, "payload": {name: payload[name] for name in _OPENED}}
    )
