"""An insurer's keys for its lines: stated by fingerprint, replaced, and what each of them opens."""

import errno
import hashlib
import json
import os
import stat
import threading
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from rempart.cli import run_line
from rempart.cli.days import are_over
from rempart.cli.lines_insurer import written
from rempart.foundation.errors import BadInputError
from tests.support.asking import INSURER, Site, one
from tests.support.command_line import Told
from tests.support.paying import Desk, day_passes
from tests.support.sealing import DAYS, Insurer, paid
from tests.support.waiting import wait_for_a_lock


@pytest.fixture
def desk(desk: Desk, site: Site) -> Desk:
    desk.bank(site)
    return desk


def test_a_key_that_is_replaced_opens_what_was_sealed_to_it(
    site: Site, desk: Desk, key_holder: Insurer
) -> None:
    first = key_holder.trusted()
    (old,) = paid(site, desk, "alice")
    desk.told("lines", "seal")
    second = key_holder.trusted()
    day_passes(site)
    (new,) = paid(site, desk, "bob")
    desk.told("lines", "seal")
    keys = "select claim_id, encode(key_id, 'hex') as key from billing.sealed_lines"
    assert {row["claim_id"]: row["key"] for row in site.db.owner.execute(keys)} == {
        old: first["key"], new: second["key"],
    }  # fmt: skip
    assert set(key_holder.opened()) == {old.hex(), new.hex()}
    # The key in force again changes nothing; one that was replaced never comes back.
    again = ("lines", "trust", "--insurer", INSURER, "--by", "officer.one")
    for made, code in ((second, 0), (first, 3)):
        told = desk.told(
            *again, "--public", made["public_key"], "--fingerprint", made["fingerprint"], code=code
        )
        assert code or told["stated_at"] == second["stated_at"]
    # Without the key of that time, the old one stays shut, and is named.
    Path(first["private_key"]).unlink()
    assert set(key_holder.opened(code=1)) == {new.hex()}
    (shut,) = key_holder.opening["not_opened"]
    assert shut["because"] == "its key is not in this folder"


def test_a_key_is_stated_by_its_fingerprint_alone(
    site: Site, told: Told, key_holder: Insurer, capsys: pytest.CaptureFixture[str]
) -> None:
    good, other = key_holder.pair(), key_holder.pair()
    assert stat.S_IMODE(Path(good["private_key"]).stat().st_mode) == 0o600
    refused = key_holder.trusted(code=2, fingerprint=other["fingerprint"])["error"]
    assert refused["field"] == "--fingerprint"
    assert key_holder.trusted(code=3, insurer="99999999")["error"]["kind"] == "refused"
    assert key_holder.trusted(code=2, by="officer one")["error"]["field"] == "--by"
    broken = key_holder.folder / "broken.public"
    for text in ("", "zz", "00" * 1216, "ff" * 1216, "00" * 1215):
        broken.write_text(text)
        digest = "" if text == "zz" else hashlib.sha256(bytes.fromhex(text)).hexdigest()
        refused = key_holder.trusted(code=2, public=str(broken), fingerprint=digest)["error"]
        assert refused["field"] == "--public", text
    assert key_holder.trusted(code=2, public=str(key_holder.folder / "none"))["error"]
    assert told("lines", "list") == {"insurers": []}
    assert run_line(["lines", "list"]) == 0
    # Another insurer's key would be lost lines for one of the two.
    mine = key_holder.trusted()
    site.db.owner.execute("select registry.add_insurer('87654321', 'Autre')")
    line = ("lines", "trust", "--insurer", "87654321", "--public", mine["public_key"])
    refused = told(*line, "--fingerprint", mine["fingerprint"], "--by", "officer.two", code=3)
    assert "another insurer" in refused["error"]["text"]
    private = Path(mine["private_key"]).read_bytes().hex()
    assert private not in "".join(capsys.readouterr())


def test_the_database_takes_no_key_on_anybodys_word(site: Site) -> None:
    """It computes the fingerprint again; and of two who state one at once, one is heard."""
    put = "select * from billing.set_line_key(%s, %s, %s, %s)"
    keys = [bytes([number]) * 1216 for number in range(2)]
    good, other = ((INSURER, hashlib.sha256(key).digest(), key, "Alice") for key in keys)
    desk = site.db.connect("rempart_desk")
    for words, because in (
        ((INSURER, other[1], keys[0], "Alice"), "key_not_valid"),
        ((INSURER, None, keys[0], "Alice"), "key_not_valid"),
        ((*good[:3], "1"), "author_not_valid"),
        (("99999999", *good[1:]), "insurer_unknown"),
    ):
        assert one(desk, put, *words)["refused_because"] == because
    told: list[dict[str, Any]] = []
    with site.db.connect("rempart_desk") as second:
        desk.execute("begin")
        assert one(desk, put, *good)["refused_because"] is None
        late = threading.Thread(target=lambda: told.append(one(second, put, *other)))
        late.start()
        wait_for_a_lock(site.db)
        desk.execute("commit")
        late.join()
        assert told[0]["refused_because"] == "change_waits"
        assert one(second, put, *other)["refused_because"] is None


def test_sealed_lines_open_for_nobody_else_and_nothing_else(
    site: Site, desk: Desk, key_holder: Insurer, tmp_path: Path
) -> None:
    key_holder.trusted()
    paid(site, desk, "alice", "bob")
    desk.told("lines", "seal")
    file = tmp_path / "sealed"
    assert desk.told("lines", "export", str(file), "--insurer", INSURER, *DAYS)["claims"] == 2
    first, second = (json.loads(line) for line in file.read_bytes().splitlines())
    damaged = [
        first | {"claim": second["claim"]},
        first | {"sealed": second["sealed"][:-4] + "AAAA"},
        first | {"insurer": "87654321"},
        first | {"format": "rempart/sealed-lines/v2"},
        first | {"more": 1},
        first | {"key": "00" * 32},
        [],
    ]
    bad = tmp_path / "bad"
    bad.write_text("".join(json.dumps(one) + "\n" for one in damaged))
    opening = ("lines", "open", "--insurer", INSURER, "--keys", str(key_holder.keys))
    told = desk.told(*opening, str(bad), str(tmp_path / "out"), code=1)
    assert (told["claims"], len(told["not_opened"])) == (0, len(damaged))
    assert run_line([*opening, str(bad), str(tmp_path / "page")]) == 1
    # Nothing is overwritten: neither health data nor an older export.
    assert desk.told(*opening, str(file), str(tmp_path / "out"), code=2)["error"]["field"] == "OUT"
    desk.told("lines", "export", str(file), "--insurer", INSURER, *DAYS, code=2)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o600
    # A private key under another's name is none.
    (private,) = key_holder.keys.glob("*.key")
    private.rename(key_holder.keys / "other")
    other = Path(key_holder.pair()["private_key"])
    other.rename(private)
    told = desk.told(*opening, str(file), str(tmp_path / "swapped"), code=1)
    assert told["claims"] == 0


def test_an_export_says_what_it_was_asked_wrongly_and_leaves_no_file(
    site: Site, desk: Desk, key_holder: Insurer, tmp_path: Path
) -> None:
    key_holder.trusted()
    paid(site, desk, "alice")
    desk.told("lines", "seal")
    file = tmp_path / "x"
    export = ("lines", "export", str(file), "--insurer")
    days = ("--from", "2099-12-31", "--to", "2099-12-30")
    for words, field in (
        ((INSURER, "--from", "1st", "--to", "2099-12-31"), "--from"),
        ((INSURER, "--from", "2020-01-01", "--to", "2020-02-30"), "--to"),
        ((INSURER, *days), "--to"),
    ):
        assert desk.told(*export, *words, code=2)["error"]["field"] == field
        assert not file.exists()
    # A number that was typed wrong is no insurer with nothing to seal.
    desk.told(*export, INSURER[:-1] + "0", *DAYS, code=3)
    assert list(tmp_path.glob("x*")) == []
    # What will still be sealed today is in no file of the days after it.
    assert not desk.told(*export, INSURER, *DAYS)["days_are_over"]
    file.unlink()
    assert desk.told(*export, INSURER, "--from", "2020-01-01", "--to", "2020-12-31")[
        "days_are_over"
    ]
    statement = ("pay", "statement", INSURER, *days)
    assert desk.told(*statement, code=2)["error"]["field"] == "--to"


def test_a_file_is_whole_or_not_at_all(tmp_path: Path) -> None:
    """Killed or cut off while it is made: a part must not pass for the whole."""
    file = tmp_path / "march.jsonl"

    def cut_off(by: BaseException) -> None:
        with written(file, "OUT") as half:
            half.write(b"a claim\n")
            half.flush()
            assert file.read_bytes() == b""
            raise by

    with pytest.raises(KeyboardInterrupt):
        cut_off(KeyboardInterrupt())
    with pytest.raises(BadInputError, match="OUT: cannot be written: No space"):
        cut_off(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    assert list(tmp_path.iterdir()) == []
    with written(file, "OUT") as whole:
        whole.write(b"a claim\n")
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"a claim\n", 0o600)
    with pytest.raises(BadInputError), written(file, "OUT"):
        pytest.fail("it was there")
    assert [one.name for one in tmp_path.iterdir()] == ["march.jsonl"]


@pytest.mark.parametrize(
    "instant, is_over",
    [
        ("2027-03-27T23:09:00+01:00", False),
        ("2027-03-28T00:09:00+01:00", False),
        ("2027-03-28T00:10:00+01:00", True),
        # The night in which summer time begins: midnight in Paris is 23:00 in UTC, and then 22:00.
        ("2027-03-27T22:59:00+00:00", False),
        ("2027-03-27T23:11:00+00:00", True),
    ],
)
def test_a_day_is_over_a_moment_after_midnight_in_paris(instant: str, is_over: bool) -> None:
    assert are_over(date(2027, 3, 27), datetime.fromisoformat(instant)) is is_over


def test_a_page_at_a_time(
    site: Site, desk: Desk, key_holder: Insurer, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = ("lines", "export", str(key_holder.folder / "nobody"), "--insurer", INSURER, *DAYS)
    assert desk.told(*unknown, code=3)["error"]["kind"] == "refused"
    key_holder.trusted()
    claims = paid(site, desk, "alice", "bob", "carol")
    desk.told("lines", "seal")
    monkeypatch.setattr("rempart.billing.line_sealing._PAGE", 2)
    # An insurer that has left gets what was sealed for it.
    site.db.owner.execute("update registry.insurer set closed_at = now()")
    assert set(key_holder.opened()) == {each.hex() for each in claims}
    yesterday = ("--from", "2020-01-01", "--to", "2020-12-31")
    file = str(key_holder.folder / "none")
    assert desk.told("lines", "export", file, "--insurer", INSURER, *yesterday)["claims"] == 0
    assert run_line(["lines", "export", f"{file}2", "--insurer", INSURER, *yesterday]) == 0
    words = ["lines", "keys", "--insurer", INSURER, "--out", str(key_holder.keys)]
    assert run_line(words) == 0
