"""The normalisation that insurers and platform share, and its vectors, checked twice."""

import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.foundation.errors import BadInputError
from rempart.registry import (
    VERSION,
    feed_key_name,
    inner_card,
    inner_index,
    member_reference,
    normalise_amc,
    normalise_date,
    normalise_member,
    normalise_rank,
    normalise_secret,
)

VECTORS = Path(__file__).parents[2] / "vectors"
RULES: dict[str, Callable[[str], object]] = {
    "member_number": normalise_member,
    "amc": normalise_amc,
    "birth_date": lambda raw: normalise_date(raw).isoformat(),
    "birth_rank": normalise_rank,
    "card_secret": normalise_secret,
}
KEY = bytes(range(32))
BORN = date(1985, 5, 17)


def vectors() -> dict[str, Any]:
    """Read the vectors as they are published."""
    loaded: dict[str, Any] = json.loads((VECTORS / "normalisation.json").read_text("utf-8"))
    return loaded


@pytest.mark.parametrize("name", RULES)
def test_each_rule_gives_its_vectors(name: str) -> None:
    for vector in vectors()[name]:
        try:
            found = RULES[name](vector["raw"])
        except BadInputError:
            found = None
        assert found == vector.get("normalised"), vector


def test_hashes_are_those_of_the_vectors() -> None:
    published = vectors()
    assert published["normalisation"] == VERSION
    for v in published["person"]:
        who = (v["amc"], v["member_number"], date.fromisoformat(v["birth_date"]), v["birth_rank"])
        assert inner_index(bytes.fromhex(v["key"]), *who).hex() == v["index"]
        assert member_reference(bytes.fromhex(v["key"]), *who).hex() == v["reference"]
    for v in published["card"]:
        card = inner_card(bytes.fromhex(v["key"]), v["amc"], v["member_number"], v["secret"])
        assert card.hex() == v["card"]


def test_a_program_in_another_language_agrees() -> None:
    node = shutil.which("node")
    assert node is not None, "the second reading of the vectors needs Node"
    run = subprocess.run(
        [node, VECTORS / "check_normalisation.mjs"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["ok"] is True


def test_the_other_program_sees_a_changed_vector(tmp_path: Path) -> None:
    changed = vectors()
    changed["person"][0]["index"] = "00" * 32
    (tmp_path / "changed.json").write_text(json.dumps(changed), "utf-8")
    run = subprocess.run(
        ["node", VECTORS / "check_normalisation.mjs", tmp_path / "changed.json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert "index[0] differs" in run.stderr


@given(st.text(max_size=70))
def test_normalisation_is_idempotent_and_plain(raw: str) -> None:
    for rule in (normalise_member, normalise_amc, normalise_secret):
        try:
            once = rule(raw)
        except BadInputError:
            continue
        assert rule(once) == once
        assert once.isascii()
        assert once.isalnum()
        assert once == once.upper()


@given(st.text(alphabet="0123456789abcdefXYZ", min_size=1, max_size=20), st.data())
def test_spelling_changes_no_hash(number: str, data: st.DataObject) -> None:
    wide = str.maketrans({chr(c): chr(c + 0xFEE0) for c in range(0x30, 0x7B)})
    spelled = "00" + "".join(
        data.draw(st.sampled_from(["", " ", "-", ".", "/", "\u00a0", "\u2011"])) + c for c in number
    )
    for other in (spelled, spelled.upper(), spelled.translate(wide)):
        assert inner_index(KEY, "99", other, BORN, 1) == inner_index(KEY, "99", number, BORN, 1)


@given(st.text(min_size=1, max_size=70))
def test_no_reason_holds_the_value(raw: str) -> None:
    marked = f"Zq7{raw}Zq7"
    for rule in RULES.values():
        with pytest.raises(BadInputError) as caught:
            rule(f"{marked}_")
        assert "Zq7" not in str(caught.value)


def test_fields_do_not_run_into_each_other() -> None:
    assert inner_index(KEY, "99", "11", BORN, 1) != inner_index(KEY, "991", "1", BORN, 1)


def test_person_reference_and_card_have_domains_of_their_own() -> None:
    index = inner_index(KEY, "99", "1", BORN, 1)
    assert member_reference(KEY, "99", "1", BORN, 1) != index[:16]
    assert inner_card(KEY, "99", "1", "ABCDEFGHJKMN2") != index


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="a key holds 32 bytes"):
        inner_index(KEY[:31], "99", "1", BORN, 1)


def test_a_feed_key_has_one_name_however_the_number_is_typed() -> None:
    assert feed_key_name("99 00 1ab") == feed_key_name("99001AB") == "feed.99001ab"
