"""Two edge processes side by side: they share nothing but the database, and that is enough."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from rempart.journal import Bucket, Kind, read_charges
from tests.support.closing import close
from tests.support.database import DatabaseUnderTest
from tests.support.edges import Edge, edges
from tests.support.on_record import assert_on_record, count, kinds
from tests.support.pharmacy import Heard, Pharmacy, Wire, ask, wire

pytestmark = pytest.mark.slow

EACH = 20
"""Questions that each edge is sent in one test."""

LEFT = 7
"""Units that are left in the bucket that both edges race for."""


@pytest.fixture
def both(
    people: DatabaseUnderTest, blinding_socket: Path, tmp_path: Path
) -> Iterator[tuple[Edge, Edge]]:
    with edges(people, blinding_socket, tmp_path, 2) as (first, second):
        yield first, second


async def through(both: tuple[Edge, Edge], work: Callable[[Wire, Wire], Awaitable[None]]) -> None:
    async with wire(both[0].port) as first, wire(both[1].port) as second:
        await work(first, second)


def send_all(pairs: list[tuple[Edge, bytes]]) -> list[Heard]:
    """Send everything at once, each on a connection of its own."""

    async def work() -> list[Heard]:
        return await asyncio.gather(*(ask(edge.port, request) for edge, request in pairs))

    return asyncio.run(work())


def test_one_installation_asks_through_both_at_once(
    both: tuple[Edge, Edge], pharmacy: Pharmacy
) -> None:
    heard = send_all([(edge, pharmacy.request()) for _ in range(EACH) for edge in both])
    assert [each.said for each in heard] == ["covered"] * (2 * EACH)
    # One site, one person, one domain, one date: one guarantee, whoever gave it first.
    assert len({each.body["engagement"] for each in heard}) == 1
    assert count(pharmacy.site.db, "billing.engagement") == 1
    assert kinds(pharmacy.site.db) == {"answer": 2 * EACH}
    assert_on_record(pharmacy.site.db, [each.leaf for each in heard])


def test_one_proof_sent_to_both_is_answered_once(
    both: tuple[Edge, Edge], pharmacy: Pharmacy
) -> None:
    refused: Counter[str] = Counter()

    async def race(first: Wire, second: Wire) -> None:
        for _ in range(EACH):
            request = pharmacy.request()
            heard = await asyncio.gather(first.send(request), second.send(request))
            assert sorted(each.status == 200 for each in heard) == [False, True]
            refused.update(each.said for each in heard if each.status != 200)

    asyncio.run(through(both, race))
    # One entry a minute stands for all of them; meanwhile the others are told that they are many.
    assert refused == {"proof_repeated": 1, "too_many_questions": EACH - 1}
    assert kinds(pharmacy.site.db) == {"answer": EACH, "refusal": 1}
    assert count(pharmacy.site.db, "journal.reference") == EACH
    assert_on_record(pharmacy.site.db)


def test_one_reference_sent_to_both_is_charged_once(
    both: tuple[Edge, Edge], pharmacy: Pharmacy
) -> None:
    db, people = pharmacy.site.db, ("alice", "bob", "carol")

    async def race(first: Wire, second: Wire) -> None:
        for person in people:
            question = pharmacy.question(person, reference=f"ticket-{person}")
            heard = await asyncio.gather(
                first.send(pharmacy.request(question)), second.send(pharmacy.request(question))
            )
            assert [each.said for each in heard] == ["covered"] * 2
            assert len({each.body["engagement"] for each in heard}) == 1
            assert len({each.leaf for each in heard}) == 2

    asyncio.run(through(both, race))
    assert kinds(db) == {"answer": len(people), "replay": len(people)}
    assert count(db, "billing.engagement") == len(people)
    assert count(db, "journal.reference") == len(people)
    # The first asks of three people, not of six.
    rows = db.owner.execute(
        "select charges from journal.entry where kind in ('answer', 'replay')"
    ).fetchall()
    charged = [charge for row in rows for charge in read_charges(row["charges"])]
    fresh = [
        each.units for each in charged if (each.kind, each.bucket) == (Kind.SITE, Bucket.FRESH)
    ]
    assert sum(fresh) == len(people)
    assert_on_record(db)


def test_both_race_for_a_bucket_and_not_one_too_many_passes(
    people: DatabaseUnderTest, blinding_socket: Path, tmp_path: Path
) -> None:
    people.owner.execute("update guard.profile set typed_burst = %s where kind = 2", (LEFT,))
    pharmacy = Pharmacy.make(people)
    with edges(people, blinding_socket, tmp_path, 2) as both:
        requests = [
            (edge, pharmacy.request(pharmacy.question(f"STRANGER{turn}{at}")))
            for turn in range(EACH)
            for at, edge in enumerate(both)
        ]
        heard = Counter(each.said for each in send_all(requests))
    assert heard == {"no_right_found": LEFT, "better_evidence_needed": 2 * EACH - LEFT}
    assert count(people, "guard.met where holder = 2") == LEFT
    assert_on_record(people)


def test_a_gate_that_closes_is_closed_in_both(both: tuple[Edge, Edge], pharmacy: Pharmacy) -> None:
    before = send_all([(edge, pharmacy.request()) for edge in both])
    assert [each.said for each in before] == ["covered"] * 2
    close(pharmacy.site, "site", pharmacy.site.identifier)
    after = send_all([(edge, pharmacy.request()) for edge in both for _ in range(EACH)])
    assert [each.said for each in after] == ["closed"] * (2 * EACH)


def test_killing_one_leaves_the_other_answering(
    both: tuple[Edge, Edge], pharmacy: Pharmacy
) -> None:
    heard: tuple[list[Heard], list[Heard]] = ([], [])

    async def asker(place: int, until: asyncio.Event) -> None:
        async with wire(both[place].port) as line:
            while not until.is_set():
                heard[place].append(await line.send(pharmacy.request()))

    async def work() -> None:
        over = asyncio.Event()
        on_first = [asyncio.create_task(asker(0, over)) for _ in range(4)]
        on_second = [asyncio.create_task(asker(1, over)) for _ in range(4)]
        await asyncio.sleep(1)
        await asyncio.to_thread(both[0].kill)
        broken = await asyncio.gather(*on_first, return_exceptions=True)
        assert all(isinstance(each, OSError | EOFError) for each in broken)
        from_then_on = len(heard[1])
        await asyncio.sleep(2)
        over.set()
        await asyncio.gather(*on_second)
        assert len(heard[1]) > from_then_on + 4
        assert both[1].is_ready()

    asyncio.run(work())
    assert heard[0]
    everything = [*heard[0], *heard[1]]
    assert {each.said for each in everything} == {"covered"}
    assert_on_record(pharmacy.site.db, [each.leaf for each in everything])
    # What the killed one had recorded and never told is told again, as the same promise.
    question = json.loads(pharmacy.request().split(b"\r\n\r\n")[1])
    assert send_all([(both[1], pharmacy.request(question))])[0].said == "covered"
