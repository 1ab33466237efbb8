"""Entries, commitments and receipts against fixed vectors, and a second program against them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rempart.journal import Entry, SignedLeaf, check_signed_leaf

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
    for change in ("fields", "payload", "receipts"):
        changed = json.loads(json.dumps(VECTORS))
        if change == "receipts":
            changed["receipts"][2]["index"] = 3
        elif change == "fields":
            changed["entries"][0]["fields"]["counter"] = 9
        else:
            changed["entries"][0]["payload"]["outcome"] = "no_right_found"
        file = tmp_path / f"{change}.json"
        file.write_text(json.dumps(changed))
        assert node(file).returncode == 1, change
