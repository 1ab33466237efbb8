"""P9 under races: of all who come at the same moment one is accepted, and nothing is half done."""

import threading
from typing import Any

from rempart.foundation.database import hexed
from tests.support.asking import Site, one
from tests.support.claiming import CLAIM, LINE, claimed, guarantee, refused, standing, stated
from tests.support.database import Connection
from tests.support.waiting import wait_for_a_lock

CALLERS = 64


def test_a_reference_taken_at_the_same_moment_changes_nothing(site: Site) -> None:
    engagement, other = guarantee(site), guarantee(site, "bob")
    first = claimed(site, engagement)["claim_id"]
    ahead = site.db.connect("rempart_edge", autocommit=False)
    claimed(site, other, edge=ahead, reference="same")
    found: list[dict[str, Any]] = []
    late = stated(site, engagement, LINE, LINE, reference="same", replaces=hexed(first))
    thread = threading.Thread(target=lambda: found.append(one(site.edge(), CLAIM, *late)))
    thread.start()
    wait_for_a_lock(site.db)
    ahead.commit()
    thread.join(30)
    assert found[0]["refused_because"] == "claim_reference_reused"
    assert {row["state"] for row in standing(site)} == {"accepted"}  # the first still stands


def test_of_many_callers_with_one_engagement_one_is_accepted(site: Site) -> None:
    engagement = guarantee(site)
    answers: list[dict[str, Any]] = []
    barrier = threading.Barrier(CALLERS, timeout=60)

    def call(edge: Connection) -> None:
        args = stated(site, engagement)
        barrier.wait()
        answers.append(one(edge, CLAIM, *args))

    edges = [site.db.connect("rempart_edge") for _ in range(CALLERS)]
    threads = [threading.Thread(target=call, args=(edge,)) for edge in edges]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    told = [answer["refused_because"] for answer in answers]
    assert len(told) == CALLERS
    assert told.count(None) == 1
    assert told.count("engagement_used") == CALLERS - 1
    assert len(standing(site)) == 1
    assert refused(site) == {"engagement_used": CALLERS - 1}


def test_whoever_asks_while_the_guarantee_is_claimed_gets_another(site: Site) -> None:
    engagement = guarantee(site)
    ahead = site.db.connect("rempart_edge", autocommit=False)
    claimed(site, engagement, edge=ahead)
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.append(guarantee(site)))
    thread.start()
    wait_for_a_lock(site.db)
    ahead.commit()
    thread.join(30)
    assert found
    assert found[0] != engagement
