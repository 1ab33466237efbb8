"""What a card says to a scanner: the published examples, twice, and nothing misread passes."""

import json
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.foundation.errors import BadInputError
from rempart.registry import (
    normalise_amc,
    normalise_member,
    normalise_secret,
    read_card_payload,
    write_card_payload,
)
from rempart.registry.card_payload import check_character, draw_secret, in_groups

ROOT = Path(__file__).resolve().parents[2]
VECTORS: dict[str, Any] = json.loads((ROOT / "vectors/card.json").read_text())
GOOD = str(VECTORS["cards"][0]["payload"])


@pytest.mark.parametrize("vector", VECTORS["cards"])
def test_a_card_says_what_its_vector_has(vector: dict[str, Any]) -> None:
    people = [(date.fromisoformat(p["birth_date"]), p["birth_rank"]) for p in vector["people"]]
    card = (vector["insurer"], vector["member_number"], people, vector["secret"])
    assert write_card_payload(*card) == vector["payload"]
    read = read_card_payload(vector["payload"])
    assert read.insurer == normalise_amc(vector["insurer"])
    assert read.member_number == normalise_member(vector["member_number"])
    assert read.people == tuple(sorted(set(people)))
    assert read.secret == normalise_secret(vector["secret"])


@pytest.mark.parametrize("text", VECTORS["refused"])
def test_what_is_no_card_is_refused_without_its_value(text: str) -> None:
    with pytest.raises(BadInputError) as caught:
        read_card_payload(text)
    assert not re.search(r"[0-9]{3}|K7QJ", str(caught.value))


@pytest.mark.parametrize("text", [f" {GOOD}\r\n", GOOD.lower()])
def test_scanners_differ(text: str) -> None:
    assert read_card_payload(text) == read_card_payload(GOOD)


def test_a_long_text_is_not_read() -> None:
    with pytest.raises(BadInputError):
        read_card_payload("A" * 1_000_000)


@given(st.data())
def test_a_character_misread_is_found(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(GOOD) - 1))
    other = data.draw(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:+"))
    misread = GOOD[:place] + other + GOOD[place + 1 :]
    if misread != GOOD:
        with pytest.raises(BadInputError):
            read_card_payload(misread)


def test_a_keyboard_of_another_layout_is_found() -> None:
    # A scanner that types as on an American keyboard into a French one.
    azerty = str.maketrans("QWAZM1234567890:+", "AZQW,&é\"'(-è_çà.+")
    with pytest.raises(BadInputError):
        read_card_payload(GOOD.translate(azerty))


def test_secrets_are_drawn_with_their_check() -> None:
    drawn = {draw_secret() for _ in range(200)}
    assert len(drawn) == 200
    for secret in drawn:
        assert normalise_secret(in_groups(secret)) == secret
        assert re.fullmatch("([A-Z2-7]{4}-){3}[A-Z2-7]{4}", in_groups(secret))
        assert check_character(secret[:-1]) == secret[-1]
    # Every place of the fifteen is drawn: none is the same in all of them.
    assert all(len({secret[place] for secret in drawn}) > 8 for place in range(16))


@pytest.mark.parametrize("vector", VECTORS["check_characters"])
def test_the_check_character_is_as_published(vector: dict[str, str]) -> None:
    assert check_character(vector["symbols"]) == vector["check"]


def test_the_check_character_finds_any_symbol_mistyped() -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    good = "K7QJXW2MP4ZD5NT"
    for place in range(len(good)):
        for other in set(alphabet) - {good[place]}:
            assert check_character(good[:place] + other + good[place + 1 :]) != "6"


def test_the_vectors_are_what_their_program_writes() -> None:
    done = subprocess.run(
        [sys.executable, "vectors/make_card.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == (ROOT / "vectors/card.json").read_text()


def test_a_program_in_another_language_agrees(tmp_path: Path) -> None:
    node = shutil.which("node")
    assert node is not None, "the second reading of the vectors needs Node"
    program = ROOT / "vectors/check_card.mjs"
    done = subprocess.run([node, program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["ok"] is True
    changed = json.loads(json.dumps(VECTORS))
    changed["cards"][1]["payload"] = GOOD
    changed["refused"][0] = GOOD
    (tmp_path / "changed.json").write_text(json.dumps(changed))
    done = subprocess.run(
        [node, program, tmp_path / "changed.json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "payload[1] differs" in done.stderr
    assert "refused[0] differs" in done.stderr
