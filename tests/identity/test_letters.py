"""The print queue: a letter leaves it once, whole, and never without being printed."""

import asyncio
import uuid
from pathlib import Path

import pytest

from rempart.foundation.database import Database
from rempart.identity import LetterError, list_letters, take_letter
from rempart.identity.letters import write_letter
from tests.identity.arranged import arrange
from tests.support.asking import one
from tests.support.database import DatabaseUnderTest

PAPER = b"a letter"


@pytest.fixture
def number(db: DatabaseUnderTest, tmp_path: Path) -> str:
    """A letter that waits: its row and its file."""
    arrange(db).owner(
        "insert into identity.colleague (account_id, user_handle, name, invited_at, last_seen_at)"
        " select min(account_id), decode(repeat('ab', 32), 'hex'), 'Alice', now(), now()"
        " from identity.account"
    )
    made = one(
        db.owner,
        "insert into identity.letter (account_id, queued_at) select account_id, now()"
        " from identity.colleague returning letter_no",
    )
    (tmp_path / f"{made['letter_no']}.pdf").write_bytes(PAPER)
    return str(made["letter_no"])


def take(db: DatabaseUnderTest, folder: Path, number: str, target: Path) -> bool:
    async def work() -> bool:
        async with await Database.open(db.dsn("rempart_desk"), max_size=1) as desk:
            return await take_letter(desk, folder, number, target)

    return asyncio.run(work())


def waiting(db: DatabaseUnderTest) -> list[str]:
    async def work() -> list[str]:
        async with await Database.open(db.dsn("rempart_desk"), max_size=1) as desk:
            return [letter.letter_no for letter in await list_letters(desk)]

    return asyncio.run(work())


def test_a_letter_is_taken_once_and_is_its_takers_alone(
    db: DatabaseUnderTest, tmp_path: Path, number: str
) -> None:
    target, again = tmp_path / "desk" / "a.pdf", tmp_path / "desk" / "b.pdf"
    assert waiting(db) == [number]
    assert take(db, tmp_path, number, target)
    assert (target.read_bytes(), target.stat().st_mode & 0o777) == (PAPER, 0o600)
    assert not (tmp_path / f"{number}.pdf").exists()
    assert waiting(db) == []
    # Somebody puts the file back: the letter was taken all the same.
    (tmp_path / f"{number}.pdf").write_bytes(PAPER)
    assert not take(db, tmp_path, number, again)
    assert not again.exists()


@pytest.mark.parametrize("other", ["", "../letters", str(uuid.UUID(int=0)), "0" * 36])
def test_what_is_no_letter_is_not_taken(
    db: DatabaseUnderTest, tmp_path: Path, number: str, other: str
) -> None:
    assert not take(db, tmp_path, other, tmp_path / "a.pdf")
    assert waiting(db) == [number]


def test_a_letter_that_cannot_be_moved_goes_on_waiting(
    db: DatabaseUnderTest, tmp_path: Path, number: str
) -> None:
    taken = tmp_path / "a.pdf"
    taken.write_bytes(b"another letter")
    with pytest.raises(LetterError, match="cannot be written"):
        take(db, tmp_path, number, taken)
    assert taken.read_bytes() == b"another letter"
    assert waiting(db) == [number]
    assert take(db, tmp_path, number, tmp_path / "b.pdf")


def test_a_file_that_cannot_be_read_is_said(
    db: DatabaseUnderTest, tmp_path: Path, number: str
) -> None:
    path = tmp_path / f"{number}.pdf"
    path.unlink()
    path.mkdir()
    with pytest.raises(LetterError, match=r"cannot be read: Is a directory"):
        take(db, tmp_path, number, tmp_path / "a.pdf")
    assert waiting(db) == [number]


def test_a_letter_that_cannot_be_set_is_none_and_tells_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    told = {"site": "1", "site_label": "B", "code": "ABCD-EFGH"}
    with pytest.raises(LetterError) as raised:
        # Half a character: no database has such a name, and no letter is made of one.
        write_letter(folder, "x", name="\ud800", days=7, **told)
    assert str(raised.value) == "the letter cannot be set"
    assert not folder.exists()
    assert write_letter(folder, "x", name="A", days=7, **told).read_bytes().startswith(b"%PDF")
