"""The exception: nothing better can be shown, a passkey was touched for it, one of four reasons."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from rempart.rights import ExceptionReason
from tests.promises.test_p04_an_outcome_does_not_tell_why import SAID, charged, freeze, levels
from tests.support.ageing import age_journal
from tests.support.asking import Site, one
from tests.support.closing import close
from tests.support.excepting import REASONS, browser, excepted, touch, touches, use_up
from tests.support.on_record import assert_on_record


@pytest.fixture
def here(site: Site) -> Site:
    """The site's account at a browser, with nothing left of first asks."""
    for bucket in ("fresh", "typed", "miss", "new"):
        site.empty(bucket)
    return browser(site)


def left(site: Site) -> dict[int, int]:
    """How many exceptions the account (2), the professional (3) and the site (4) have left."""
    rows = site.db.owner.execute(
        "select kind, (burst - greatest(tat - guard.now(), 0)::float8 / every) as n"
        " from guard.exception_budget order by kind"
    ).fetchall()
    return {row["kind"]: int(row["n"] + 0.01) for row in rows}


def entry(site: Site, kind: str = "exception") -> dict[str, Any]:
    return one(
        site.db.owner,
        "select e.kind, e.charges, p.* from journal.entry e join journal.payload p using (entry_no)"
        " where e.kind = %s order by entry_no desc limit 1",
        kind,
    )


def test_a_touched_passkey_and_a_reason_get_this_one_answer(here: Site) -> None:
    assert here.outcome(here.question("alice")) == "better_evidence_needed"
    question = touch(here, excepted(here))
    answer = here.ask(question)[0]
    assert answer["outcome"] == "covered"
    assert answer["engagement_id"] is not None
    written = entry(here)
    assert written["evidence"] == "exception:card_missing"
    assert bytes(written["digest"]) == bytes.fromhex(question["digest"][2:])
    assert left(here) == {2: 4, 3: 7, 4: 9}
    assert touches(here) == 0
    assert_on_record(here.db)


def test_the_database_and_the_program_know_the_same_four_reasons(here: Site) -> None:
    assert tuple(ExceptionReason) == REASONS
    for reason in REASONS:
        assert here.outcome(touch(here, excepted(here, reason=reason))) == "covered"
    for evidence in ("exception", "exception:", "exception:because", "exception:card_missing "):
        asked = touch(here, here.question(evidence=evidence))
        assert here.outcome(asked) == "account_not_ready"


def test_nothing_but_a_touch_for_this_request_by_this_session_opens_one(here: Site) -> None:
    """From one set-up: each refusal, and the answer that differs from it in one thing."""
    owner = here.db.owner
    elsewhere = browser(here)
    # No touch at all; a challenge that nobody answered; a software; another browser's touch.
    assert here.outcome(excepted(here)) == "touch_required"
    asked = touch(here, excepted(here))
    owner.execute("update identity.touch set touched_at = null")
    assert here.outcome(asked) == "touch_required"
    other = excepted(elsewhere, digest=touch(here, excepted(here))["digest"])
    assert elsewhere.outcome(other) == "touch_required"
    # Another request, by the same session.
    touch(here, excepted(here, "bob"))
    assert here.outcome(excepted(here)) == "touch_required"
    # Over.
    asked = touch(here, excepted(here))
    owner.execute("update identity.touch set expires_at = clock_timestamp()")
    assert here.outcome(asked) == "touch_required"
    # The same question, touched: answered. And once more with the touch that was used: not.
    assert here.outcome(touch(here, excepted(here))) == "covered"
    asked = touch(here, excepted(here))
    assert here.outcome(asked) == "covered"
    again = excepted(here, digest=asked["digest"])
    assert here.outcome(again) == "touch_required"
    assert left(here) == {2: 3, 3: 6, 4: 8}
    assert entry(here, "refusal")["refused_because"] == "touch_required"
    assert_on_record(here.db)


def test_a_software_has_no_touch_of_its_own(site: Site) -> None:
    question = excepted(site)
    with pytest.raises(Exception, match="touch_token_hash_fkey"):
        touch(site, question)
    assert site.outcome(question) == "touch_required"
    here = browser(site)
    assert here.outcome(touch(here, excepted(here))) == "covered"


def test_a_touch_is_used_up_with_the_question_and_never_without(here: Site) -> None:
    question = touch(here, excepted(here))
    owner = here.db.owner
    owner.execute("alter table journal.payload add constraint broken check (false) not valid")
    with pytest.raises(psycopg.errors.CheckViolation):
        here.ask(question)
    owner.execute("alter table journal.payload drop constraint broken")
    assert touches(here) == 1
    assert here.outcome(question) == "covered"
    assert touches(here) == 0


def test_the_edge_cannot_pretend_that_somebody_touched(here: Site) -> None:
    """P2 and the trust domains: the edge executes nothing that writes a touch."""
    edge = here.edge()
    for statement in (
        "insert into identity.touch values ('', '', '', now(), now())",
        "update identity.touch set touched_at = now()",
        "select identity.note_touch('', '', '', '', '', 1, false)",
        "select identity.begin_touch('', '', '', '', '')",
        "select identity.use_touch('', '', '')",
        "select guard.take_exception(1, 1, 1, 1)",
    ):
        with pytest.raises(Exception, match="permission denied"):
            edge.execute(statement)


def test_every_person_says_and_costs_the_same(here: Site) -> None:
    """P4: a miss costs what a hit costs, a patient met before what a stranger does."""
    freeze(here)
    here.ask(touch(here, excepted(here)))
    here.db.owner.execute("update guard.exception_budget set burst = 100")
    here.db.owner.execute("update guard.exception_cap set burst = 100")
    costs, spent = [], []
    for person in ("alice", "bob", "stranger", "ended", "optic_only"):
        before = left(here)
        question = touch(here, excepted(here, person))
        costs.append(charged(here, question))
        spent.append([before[kind] - after for kind, after in left(here).items()])
    assert all(cost == costs[0] for cost in costs)
    assert spent == [[1, 1, 1]] * 5
    assert costs[0][1]["all_tat"] > 0
    assert sum(costs[0][1].values()) == costs[0][1]["all_tat"]
    told = [here.ask(touch(here, excepted(here, p)))[0] for p in ("stranger", "ended")]
    assert len({tuple(answer[name] for name in SAID) for answer in told}) == 1
    assert told[0]["outcome"] == "no_right_found"


@pytest.mark.parametrize("kind", [2, 3, 4])
def test_with_none_left_member_and_stranger_are_one(here: Site, kind: int) -> None:
    freeze(here)
    here.ask(touch(here, excepted(here)))
    use_up(here, kind)
    here.db.owner.execute("alter function registry.match rename to match_gone")
    for person in ("alice", "bob", "stranger"):
        assert here.outcome(touch(here, excepted(here, person))) == "better_evidence_needed"
    here.db.owner.execute("alter function registry.match_gone rename to match")
    assert levels(here)[1]["fresh_tat"] > 0
    here.db.owner.execute(
        "update guard.exception_budget set tat = tat - every where kind = %s", (kind,)
    )
    assert here.outcome(touch(here, excepted(here, "bob"))) == "covered"


def test_an_account_has_five_a_site_ten_and_no_more(site: Site) -> None:
    freeze(site)
    colleagues = [browser(Site.make(site.db, rpps=f"1000000010{n}")) for n in range(3)]
    gained = [
        sum(
            one_.outcome(touch(one_, excepted(one_, f"p{n}{k}"))) == "no_right_found"
            for k in range(7)
        )
        for n, one_ in enumerate(colleagues)
    ]
    assert gained == [5, 5, 0]
    assert_on_record(site.db)


def test_a_professional_has_eight_over_all_of_his_sites(site: Site) -> None:
    freeze(site)
    places = [browser(Site.make(site.db, identifier=f"75000002{n}")) for n in range(3)]
    gained = [
        sum(
            one_.outcome(touch(one_, excepted(one_, f"p{n}{k}"))) == "no_right_found"
            for k in range(6)
        )
        for n, one_ in enumerate(places)
    ]
    assert gained == [5, 3, 0]
    assert_on_record(site.db)


def test_an_account_at_a_tenth_has_a_tenth_of_these_too(site: Site) -> None:
    freeze(site)
    here = browser(site)
    owner = here.db.owner
    assert here.outcome(touch(here, excepted(here))) == "covered"
    owner.execute("select guard.take_tenth(%s, '', 'essai', 'Alice')", (here.account_id,))
    # One had been used up: at a tenth that is one of one.
    assert here.outcome(touch(here, excepted(here, "bob"))) == "better_evidence_needed"
    owner.execute("select guard.give_back(%s)", (here.account_id,))
    assert here.outcome(touch(here, excepted(here, "bob"))) == "covered"
    assert left(here)[2] == 3
    assert_on_record(here.db)


def test_units_come_back_in_guard_time(here: Site) -> None:
    freeze(here)
    for _ in range(5):
        assert here.outcome(touch(here, excepted(here))) == "covered"
    owner = here.db.owner
    for seconds, expected in ((86_400 // 5 - 1, "better_evidence_needed"), (2, "covered")):
        owner.execute(
            "update guard.clock set guard_at = guard_at + %s::bigint * 1000000", (seconds,)
        )
        assert here.outcome(touch(here, excepted(here))) == expected
    assert_on_record(here.db)


def test_exceptions_close_like_any_grade_and_spend_nothing(here: Site) -> None:
    asked = touch(here, excepted(here))
    close(here, "grade", "exception")
    assert here.outcome(asked) == "closed"
    assert touches(here) == 1
    assert here.outcome(here.question("alice")) == "better_evidence_needed"
    here.db.owner.execute("delete from guard.gate")
    assert (
        here.outcome(asked | {"attempt": excepted(here)["attempt"], "proof_jti": "new"})
        == "covered"
    )


def test_an_insurer_that_is_not_served_costs_no_exception(here: Site) -> None:
    assert here.outcome(touch(here, excepted(here, insurer="99999999"))) == "insurer_not_served"
    assert left(here) == {}


def test_a_repeat_is_a_replay_and_needs_no_second_touch(here: Site) -> None:
    first = touch(here, excepted(here, reference="r1"))
    assert here.outcome(first) == "covered"
    fresh = {name: excepted(here)[name] for name in ("attempt", "proof_jti")}
    assert here.outcome(first | fresh) == "covered"
    assert entry(here, "replay")["evidence"] == "exception:card_missing"
    assert left(here)[2] == 4


def test_an_ordinary_question_reads_nothing_of_exceptions(site: Site) -> None:
    """What it costs is its own: an exception's tables may even be missing, and then it fails."""
    here = browser(site)
    asked = touch(here, excepted(here))
    for table in ("guard.exception_cap", "guard.exception_budget", "identity.touch"):
        site.db.owner.execute(f"alter table {table} rename to gone_{table.partition('.')[2]}")
    assert here.outcome(here.question("alice")) == "covered"
    assert here.outcome(here.scan("stranger")) == "no_right_found"
    with pytest.raises(psycopg.errors.UndefinedTable):
        here.ask(asked)


def test_used_up_at_a_tenth_it_is_empty_when_whole_again_and_not_below(site: Site) -> None:
    freeze(site)
    here = browser(site)
    owner = here.db.owner
    owner.execute("select guard.take_tenth(%s, '', 'essai', 'Alice')", (here.account_id,))
    assert here.outcome(touch(here, excepted(here))) == "covered"
    owner.execute("select guard.give_back(%s)", (here.account_id,))
    assert here.outcome(touch(here, excepted(here, "bob"))) == "better_evidence_needed"
    owner.execute("update guard.clock set guard_at = guard_at + 17280 * 1000000::bigint")
    assert here.outcome(touch(here, excepted(here, "bob"))) == "covered"
    assert_on_record(here.db)


def test_what_an_exception_told_goes_with_the_other_payloads(here: Site) -> None:
    assert here.outcome(touch(here, excepted(here))) == "covered"
    kept = "select count(*) as n from journal.payload join journal.entry using (entry_no)"
    kept += " where kind = 'exception'"
    assert one(here.db.owner, kept)["n"] == 1
    here.db.owner.execute("select journal.make_months()")
    age_journal(here.db, timedelta(days=20))
    owner = here.db.owner
    owner.execute("drop policy rempart_def_purge_erase on journal.payload")
    owner.execute(
        "create policy rempart_def_purge_erase on journal.payload for delete"
        " to rempart_def_purge using (true)"
    )
    owner.execute("select * from journal.open_purge('console', 36)")
    owner.execute("update journal.purge_part set before = current_date - 10 where what = 'payload'")
    owner.execute("select * from journal.erase_payloads(100)")
    assert one(owner, kept)["n"] == 0
