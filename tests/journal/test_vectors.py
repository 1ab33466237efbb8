"""Entries, commitments and receipts against fixed vectors, and a second program against them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rempart.journal import (
    Entry,
    PurgeError,
    SignedLeaf,
    check_signed_leaf,
    pack,
    read_purge_statement,
)

ROOT = Path(__file__).resolve().parents[2]
VECTORS: dict[str, Any] = json.loads((ROOT / "vectors/entry.json").read_text())


def raw(text: str) -> bytes:
    return bytes.fromhex(text[2:])


@pytest.mark.parametrize("number", range(len(VECTORS["entries"])))
def test_an_entry_hashes_to_its_vector(number: int) -> None:
    vector = VECTORS["entries"][number]
    entry = Entry(vector["fields"], vector["payload"])
    for name, value in entry.commitments().items():
        assert value == raw(vector["fields"][name])
    assert entry.head() == raw(vector["head"])
    assert entry.leaf() == raw(vector["leaf"])


def test_every_receipt_of_the_vectors_holds() -> None:
    for receipt in VECTORS["receipts"]:
        signed = SignedLeaf(
            receipt["index"],
            receipt["size"],
            tuple(raw(node) for node in receipt["path"]),
            raw(receipt["signature"]),
            "",
        )
        check_signed_leaf(raw(receipt["leaf"]), signed, raw(VECTORS["receipt_key"]))


@pytest.mark.parametrize("number", range(len(VECTORS["purges"])))
def test_a_purge_packs_to_its_vector_and_back(number: int) -> None:
    vector = VECTORS["purges"][number]
    statement = read_purge_statement(raw(vector["packed"]))
    assert (statement.step, statement.author) == (vector["step"], vector["author"])
    assert statement.opening == vector["opening"]
    assert [
        [item.what, item.policy, item.before.isoformat(), item.erased] for item in statement.items
    ] == vector["items"]
    assert statement.packed() == raw(vector["packed"])


@pytest.mark.parametrize("damage", ["cut", "longer", "other", "step", "item", "order", "date"])
def test_a_purge_that_is_damaged_is_refused(damage: str) -> None:
    whole = raw(VECTORS["purges"][1]["packed"])
    harmed = {
        "cut": whole[:-1],
        "longer": whole + pack([b"x"]),
        "other": whole.replace(b"purge/v1", b"purge/v2"),
        "step": whole.replace(b"close", b"opens"),
        "item": whole.replace(b"staged", b"stages"),
        "order": whole.replace(b"cover", b"staged"[:5]),
        "date": whole.replace(b"2027-02-01", b"2027-02-31"),
    }[damage]
    assert harmed != whole
    with pytest.raises(PurgeError):
        read_purge_statement(harmed)


def test_the_program_that_made_them_makes_them_again() -> None:
    made = subprocess.run(
        [sys.executable, "vectors/make_entry.py"], cwd=ROOT, capture_output=True, check=True
    )
    assert made.stdout == (ROOT / "vectors/entry.json").read_bytes()


def node(file: Path) -> subprocess.CompletedProcess[str]:
    program = shutil.which("node")
    assert program is not None, "the second program needs Node 20"
    return subprocess.run(
        [program, ROOT / "vectors/check_entry.mjs", file],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_second_program_agrees_and_can_disagree(tmp_path: Path) -> None:
    assert node(ROOT / "vectors/entry.json").returncode == 0
    for change in ("fields", "payload", "told", "receipts", "purges"):
        changed = json.loads(json.dumps(VECTORS))
        if change == "receipts":
            changed["receipts"][2]["index"] = 3
        elif change == "purges":
            changed["purges"][1]["items"][2][3] = 6
        elif change == "told":
            (quote,) = (e["payload"] for e in changed["entries"] if "told" in e["payload"])
            quote["told"] = quote["told"].replace("323032392d", "323032382d")
        elif change == "fields":
            changed["entries"][0]["fields"]["counter"] = 9
        else:
            changed["entries"][0]["payload"]["outcome"] = "no_right_found"
        file = tmp_path / f"{change}.json"
        file.write_text(json.dumps(changed))
        assert node(file).returncode == 1, change
