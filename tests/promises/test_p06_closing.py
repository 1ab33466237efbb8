"""P6: any scope can be closed at once, without stopping the others; what was given stays good."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.asking import INSURER, Site, install_software, one
from tests.support.closing import client_of, close, move


def neighbour(site: Site) -> Site:
    return Site.make(site.db, identifier="750000002", rpps="10000000002")


def other_insurer(site: Site) -> dict[str, object]:
    site.db.owner.execute("select registry.add_insurer('87654321', 'Une autre')")
    return {"insurer": "87654321"}


def colleague(site: Site) -> Site:
    """Another professional at the same site, with the same software."""
    site.db.owner.execute("select identity.add_professional('10000000003', 'pharmacien')")
    opened = one(
        site.db.owner, "select * from identity.open_account('10000000003', %s)", site.identifier
    )
    for kind, name in ((2, "account_id"), (3, "professional_id")):
        site.db.owner.execute(
            "select guard.set_caps(%s::smallint, %s, 'pharmacien')", (kind, opened[name])
        )
    site.db.owner.execute(
        "insert into identity.installation_account values (%s, %s)",
        (site.installation.installation_id, opened["account_id"]),
    )
    return Site(
        db=site.db,
        identifier=site.identifier,
        rpps="10000000003",
        site_id=site.site_id,
        account_id=opened["account_id"],
        professional_id=opened["professional_id"],
        installation=site.installation,
        today=site.today,
    )


def second_software(site: Site) -> Site:
    return site.at(install_software(site.db, site.site_id, [site.account_id]))


KEPT = ("insurer", "evidence", "cards")
# scope: what to close, and who or what goes on
SCOPES: dict[
    str, tuple[Callable[[Site], str], Callable[[Site], tuple[Site, dict[str, object]]]]
] = {
    "account": (lambda s: f"{s.rpps}@{s.identifier}", lambda s: (colleague(s), {})),
    "professional": (lambda s: s.rpps, lambda s: (colleague(s), {})),
    "site": (lambda s: s.identifier, lambda s: (neighbour(s), {})),
    "client": (client_of, lambda s: (second_software(s), {})),
    "insurer": (lambda _: INSURER, lambda s: (s, other_insurer(s))),
    "grade": (lambda _: "typed", lambda s: (s, s.scan())),
}


@pytest.mark.parametrize("scope", SCOPES)
def test_what_is_closed_refuses_and_the_others_are_answered(site: Site, scope: str) -> None:
    value, goes_on = SCOPES[scope]
    other, changes = goes_on(site)
    asked: dict[str, Any] = {k: v for k, v in changes.items() if k in KEPT}
    due = "covered" if asked.get("insurer", INSURER) == INSURER else "no_right_found"
    assert (site.outcome(site.question()), other.outcome(other.question(**asked))) == (
        "covered",
        due,
    )
    close(site, scope, value(site))
    for person in ("alice", "bob", "a stranger", "ended"):
        assert site.outcome(site.question(person)) == "closed"
    assert other.outcome(other.question(**asked)) == due
    assert move(site, "open", scope, value(site))["refused_because"] is None
    assert site.outcome(site.question()) == "covered"


@pytest.mark.parametrize("scope, value", [("platform", ""), ("channel", "software")])
def test_everything_can_be_closed_and_opened(site: Site, scope: str, value: str) -> None:
    other = neighbour(site)
    close(site, scope, value)
    outcomes = [one_.outcome(one_.question()) for one_ in (site, other)]
    outcomes.append(site.outcome(site.scan("bob")))
    assert outcomes == ["closed"] * 3
    move(site, "open", scope, value)
    assert [one_.outcome(one_.question()) for one_ in (site, other)] == ["covered"] * 2


def test_the_grade_scan_closes_alone(site: Site) -> None:
    close(site, "grade", "scan")
    assert site.outcome(site.scan()) == "closed"
    assert site.outcome(site.question()) == "covered"


def levels(site: Site) -> list[dict[str, Any]]:
    return site.db.owner.execute(
        "select kind, all_tat > 0 as asked, new_tat, fresh_tat, typed_tat, miss_tat"
        " from guard.budget order by kind"
    ).fetchall()


def test_a_closed_question_is_charged_and_recorded_the_same_whoever_it_is_about(
    site: Site,
) -> None:
    site.outcome(site.question("bob"))
    close(site, "site", site.identifier)
    site.db.owner.execute("update guard.budget set new_tat = 0, fresh_tat = 0, typed_tat = 0")
    told = []
    for person in ("alice", "bob", "a stranger", "ended"):
        (row,) = site.ask(site.question(person))
        hidden = {"attempt", "receipt", "head_hash", "leaf_hash", "salt_a"}
        hidden |= {"commitment_m", "commitment_b"}
        told.append({k: v for k, v in row.items() if k not in hidden})
        entry = one(
            site.db.owner,
            "select e.kind, octet_length(e.charges) as charges, p.outcome, p.fresh,"
            " p.member_reference, p.insurer from journal.entry e join journal.payload p"
            " using (entry_no) order by entry_no desc limit 1",
        )
        # Installation, account and site: "all questions", and nothing else.
        assert entry == {
            "kind": "answer", "charges": 3 * 34, "outcome": "closed", "fresh": False,
            "member_reference": b"", "insurer": INSURER,
        }  # fmt: skip
    assert told == [told[0]] * 4
    for level in levels(site):
        assert not any(level[name] for name in ("new_tat", "fresh_tat", "typed_tat", "miss_tat"))
    met = "select count(*) as n from guard.met"
    assert one(site.db.owner, met)["n"] == 2  # bob's, from before


def test_engagements_given_stay_as_they_are(site: Site) -> None:
    site.outcome(site.question())
    rows = "select * from billing.engagement"
    before = site.db.owner.execute(rows).fetchall()
    assert len(before) == 1
    close(site, "platform", "")
    assert site.outcome(site.question()) == "closed"
    assert site.db.owner.execute(rows).fetchall() == before
    move(site, "open", "platform", "")
    assert site.outcome(site.question()) == "covered"
    assert site.db.owner.execute(rows).fetchall() == before


def test_a_repeat_gets_nothing_while_closed_and_its_answer_afterwards(site: Site) -> None:
    first, fresh = site.question(reference="one"), site.question("bob", reference="two")
    assert site.outcome(first) == "covered"
    close(site, "insurer", INSURER)
    for question in (site.question(reference="one"), fresh):
        assert site.outcome(question) == "closed"
    move(site, "open", "insurer", INSURER)
    for person, reference in (("alice", "one"), ("bob", "two")):
        assert site.outcome(site.question(person, reference=reference)) == "covered"


def test_an_end_opens_by_itself_and_must_lie_ahead(site: Site) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    close(site, "site", site.identifier, soon)
    assert site.outcome(site.question()) == "closed"
    site.db.owner.execute("update guard.gate set until = clock_timestamp()")
    assert site.outcome(site.question()) == "covered"
    past = datetime.now(UTC) - timedelta(seconds=1)
    refused = move(site, "close", "site", site.identifier, past)
    assert refused["refused_because"] == "end_not_ahead"


@pytest.mark.parametrize(
    "scope, value",
    [("account", "10000000001"), ("account", "10000000009@750000001"), ("site", "750000009"),
     ("professional", ""), ("client", "inst_x"), ("insurer", "1"), ("channel", "web"),
     ("grade", "presence"), ("platform", "x"), ("everything", ""), (None, None)],
)  # fmt: skip
def test_a_scope_that_does_not_exist_never_passes_for_closed(
    site: Site, scope: str, value: str
) -> None:
    assert move(site, "close", scope, value, None)["refused_because"] == "scope_unknown"
    assert site.outcome(site.question()) == "covered"


@pytest.mark.parametrize(
    "reason",
    [None, "", "x" * 201, "membre 1234567", "né le 12/05/1985", "1 85 05 2A 006 084", "a\nb"],
)
def test_a_reason_holds_nobodys_number(site: Site, reason: str) -> None:
    desk = site.db.connect("rempart_desk")
    row = one(desk, "select * from guard.close_gate('platform', '', %s, 'Alice', null)", reason)
    assert row["refused_because"] == "reason_not_plain"


def test_a_channel_whose_end_has_passed_is_not_closed_by_another_that_is(site: Site) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    close(site, "channel", "software", soon)
    site.db.owner.execute("update guard.gate set until = clock_timestamp()")
    close(site, "channel", "portal")
    assert site.outcome(site.question()) == "covered"
