"""How often a category is paid, against a model that looks at every day."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.support.asking import Site, one
from tests.support.claiming import about, claimed
from tests.support.database import DatabaseUnderTest
from tests.support.quoting import (
    about_authorization,
    count_glasses,
    line,
    number_of,
    optician,
    quoted,
)

UNITS = 2
RULES = {
    "OPTI": {
        "mode": "on_request",
        "amount_cents": 0,
        "categories": {
            "VERRE": {
                "mode": "on_request", "amount_cents": 8000, "every_months": 1, "units": UNITS,
            }
        },
    }
}  # fmt: skip


def a_month_after(day: date) -> date:
    year, month = divmod(day.year * 12 + day.month, 12)
    for number in range(day.day, 0, -1):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    raise AssertionError


@dataclass
class Given:
    """One prise en charge: its number, when, how many, and whether it counts."""

    number: str
    on: date
    units: int
    stands: bool = True
    claim: bytes | None = None


class Model:
    """No month that begins on any day holds more than the units."""

    def __init__(self) -> None:
        self.given: list[Given] = []

    def left(self, day: date, but: Given | None = None) -> int:
        starts = [day - timedelta(back) for back in range(32)]
        held = [
            sum(
                one.units
                for one in self.given
                if one.stands and one is not but and start <= one.on < a_month_after(start)
            )
            for start in starts
            if day < a_month_after(start)
        ]
        return max(0, UNITS - max(held))

    def next_from(self, day: date, wanted: int) -> date | None:
        days = [day + timedelta(ahead) for ahead in range(120)]
        return next((one for one in days if self.left(one) >= wanted), None)


class Frequency(RuleBasedStateMachine):
    """Two sites quote, claim and cancel for one person."""

    sites: ClassVar[list[Site]]

    def __init__(self) -> None:
        super().__init__()
        self.model, self.price = Model(), 9000
        self.sites[0].db.owner.execute(
            "truncate billing.engagement, billing.claim, billing.ledger,"
            " billing.claim_line, billing.authorized_line, billing.frequency_use"
        )

    def pick(self, at: int) -> Given | None:
        return self.model.given[at % len(self.model.given)] if self.model.given else None

    @rule(
        ahead=st.integers(-8, 31), units=st.integers(1, 3), place=st.integers(0, 1),
        at=st.integers(0, 9), amends=st.booleans(),
    )  # fmt: skip
    def quote(self, ahead: int, units: int, place: int, at: int, amends: bool) -> None:
        old = self.pick(at) if amends else None
        if old is not None and (not old.stands or old.claim is not None):
            old = None
        site, self.price = self.sites[0 if old else place], self.price + 1
        if old is not None:
            site = next(s for s in self.sites if self.is_of(s, old))
        on = site.today + timedelta(ahead)
        told = quoted(
            site, "alice", line("VERRE", units, units * self.price),
            care_on=on.isoformat(), replaces=old and old.number,
        )  # fmt: skip
        (answer,) = told["lines"]
        before = self.model.left(on, old)
        if before < units:
            assert (told["outcome"], answer.amount_cents) == ("nothing_agreed", 0)
            assert answer.units_left == before
            if old is None:
                assert answer.next_from == self.model.next_from(on, units)
            return
        assert (told["outcome"], answer.amount_cents) == ("agreed", units * 8000)
        if old is not None:
            old.stands = False
        self.model.given.append(Given(number_of(site, told), on, units))
        assert answer.units_left == self.model.left(on)
        due = self.model.next_from(on, 1)
        assert answer.next_from == (None if due == on else due)

    @rule(at=st.integers(0, 9))
    def cancel(self, at: int) -> None:
        given = self.pick(at)
        if given is not None:
            site = next(s for s in self.sites if self.is_of(s, given))
            told = about_authorization(site, "cancel", given.number)
            if given.claim is None:
                assert told["refused_because"] is None
                given.stands = False
            else:
                assert told["refused_because"] == "authorization_claimed"

    @rule(at=st.integers(0, 9), expires=st.booleans(), back=st.booleans())
    def claim(self, at: int, expires: bool, back: bool) -> None:
        """Claim it; then perhaps it expires, and perhaps its claim is cancelled."""
        given = self.pick(at)
        if given is None or not given.stands or given.claim is not None:
            return
        site = next(s for s in self.sites if self.is_of(s, given))
        each = line("VERRE", given.units, given.units * 9000)
        given.claim = claimed(site, given.number, each)["claim_id"]
        assert given.claim is not None
        if expires:
            site.db.owner.execute(
                "update billing.engagement set expires_on = current_date - 2"
                " where number_hash = %s",
                (given.number,),
            )
        if back:
            about(site, "cancel", given.claim)
            given.claim, given.stands = None, not expires

    def is_of(self, site: Site, given: Given) -> bool:
        found = one(
            site.db.owner,
            "select site_id from billing.engagement where number_hash = %s",
            given.number,
        )
        return bool(found["site_id"] == site.site_id)


@pytest.mark.slow
def test_a_frequency_agrees_with_a_model(db: DatabaseUnderTest) -> None:
    db.owner.execute(
        "update guard.profile set all_burst = 1000000, new_burst = 1000000,"
        " fresh_burst = 1000000, typed_burst = 1000000, miss_burst = 1000000"
    )
    sites = [optician(db), optician(db, 2)]
    count_glasses(db, RULES)
    db.owner.execute("update identity.token set expires_at = expires_at + interval '1 day'")

    class Against(Frequency):
        pass

    Against.sites = sites
    run_state_machine_as_test(Against, settings=settings(max_examples=15, stateful_step_count=15))
