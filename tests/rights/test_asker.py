"""The edge's asker: an outcome is told with its entry, or not at all."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import pytest
from psycopg.types.json import Jsonb

from rempart.foundation.database import Row
from rempart.foundation.errors import UnavailableError
from rempart.foundation.keyring import FileKeyring
from rempart.journal import ReceiptSigner
from rempart.registry import STAND_IN_SECRET, inner_card, inner_index
from rempart.rights import Answer, Asker, Lane, Presented, Question, Refusal, Room

QUESTION = Question(
    insurer="12345678",
    member_number="ABC123",
    birth_date=date(1980, 1, 1),
    birth_rank=1,
    domain="PHAR",
    care_on=date(2026, 6, 1),
    evidence="typed",
    card_secret=None,
    reference="r",
    professional="10000000017",
    site="750000018",
)
PRESENTED = Presented("token", bytes(32), "proof", "jwt", b"{}", "192.0.2.1")


class Blind:
    """Hashes nothing: whom the question is about does not matter here."""

    async def blind(self, items: Sequence[tuple[int, bytes]]) -> list[bytes]:
        return [inner for _, inner in items]


class OneGeneration:
    """Index keys that never turned."""

    async def live(self) -> Sequence[int]:
        return [1]


class Collecting:
    """A database that collects the same row for every attempt."""

    def __init__(self, **row: object) -> None:
        self.row: Row = {"refused_because": "", "leaf_hash": None, **row}

    async def run(self, procedure: str, *args: object) -> None:
        assert procedure == "rights.ask"

    async def call(self, function: str, *args: object) -> list[Row]:
        assert function == "rights.collect"
        (items,) = args
        assert isinstance(items, Jsonb)
        (asked,) = items.obj
        return [{"attempt": bytes.fromhex(asked["attempt"][2:]), **self.row}]


def asked(keyring: FileKeyring, **row: object) -> Answer | Refusal | None:
    lane = Lane(Collecting(**row), ReceiptSigner(bytes(32)))
    asker = Asker(lane, Blind(), keyring, Room(8), OneGeneration())
    return asyncio.run(asker.ask(QUESTION, PRESENTED))


def test_an_outcome_without_an_entry_is_told_to_nobody(keyring: FileKeyring) -> None:
    with pytest.raises(UnavailableError, match="an outcome without an entry"):
        asked(keyring, outcome="covered", engagement_id=None)


@pytest.mark.parametrize(
    "because, waits", [("too_many_questions", True), ("professional_not_linked", False)]
)
def test_a_refusal_has_no_entry_and_says_when_to_come_back(
    keyring: FileKeyring, because: str, waits: bool
) -> None:
    refused = asked(keyring, refused_because=because)
    assert isinstance(refused, Refusal)
    assert refused.because == because
    assert (refused.retry_after_s is not None) is waits


def test_typed_data_and_a_scanned_card_are_hashed_alike(
    keyring: FileKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What only one of them had to do would tell them apart by the time that it takes."""
    done: list[str] = []

    def counted(name: str, hash_of: Callable[..., bytes]) -> None:
        def and_count(*told: object) -> bytes:
            done.append(name)
            return hash_of(*told)

        monkeypatch.setattr(f"rempart.rights.asker.{name}", and_count)

    counted("inner_index", inner_index)
    counted("inner_card", inner_card)
    sent: list[list[bytes]] = []
    for card_secret in (None, "K7QD2XRM4VTA6HFC", STAND_IN_SECRET):
        done.clear()
        question = replace(QUESTION, card_secret=card_secret)
        asker = Asker(
            Lane(Collecting(), ReceiptSigner(bytes(32))), Blind(), keyring, Room(8), OneGeneration()
        )
        sent.append(asyncio.run(asker._indexes(question)).cards)
        assert sorted(done) == ["inner_card"] * 2 + ["inner_index"] * 2
    # The stand-in is no card's secret: data that were typed are sent without one.
    assert sent[0] == [bytes(32)]
    assert len({cards[0] for cards in sent}) == 3
