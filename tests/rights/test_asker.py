"""The edge's asker: an outcome is told with its entry, or not at all."""

import asyncio
from collections.abc import Sequence
from datetime import date

import pytest
from psycopg.types.json import Jsonb

from rempart.foundation.database import Row
from rempart.foundation.errors import UnavailableError
from rempart.foundation.keyring import FileKeyring
from rempart.journal import ReceiptSigner
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
