"""The page reads a card's code exactly as the platform does: examples, and what is near them."""

import json
import random
from pathlib import Path
from typing import Any

from rempart.foundation.errors import BadInputError
from rempart.registry import read_card_payload, write_card_payload
from tests.portal.page_scripts import in_node

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[2] / "vectors/card.json").read_text()
)
READ_ALL = """
  return Promise.all(given.map((text) => it.readCard(text).catch((error) => {
    if (error instanceof it.NotACard) return null;
    throw error;
  })));
"""
_SIGNS = "ABCXYZ0189:+ \t\x1d\x7f-.éİı\u00a0\ufeff"


def read_here(text: str) -> dict[str, Any] | None:
    """Read a code with the platform's own reader, in the form of the page's."""
    try:
        read = read_card_payload(text)
    except BadInputError:
        return None
    people = [{"born": born.isoformat(), "rank": rank} for born, rank in read.people]
    return {
        "insurer": read.insurer,
        "member": read.member_number,
        "people": people,
        "secret": read.secret,
    }


def near(text: str, chance: random.Random) -> str:
    """Change a code a little: a sign put in, taken out or replaced, or something around it."""
    at = chance.randrange(len(text) + 1)
    sign = chance.choice(_SIGNS)
    return chance.choice(
        [
            text[:at] + sign + text[at:],
            text[:at] + sign + text[at + 1 :],
            text[:at] + text[at + 1 :],
            sign + text + sign,
            text.swapcase(),
            text[:at].lower() + text[at:],
        ]
    )


def resealed(text: str) -> str:
    """Give a changed code the right check, so that only its form can be at fault."""
    from rempart.registry.card_payload import _check

    body = text.rpartition(":")[0].upper()
    return f"{body}:{_check(body)}" if body.isascii() else text


def test_the_page_and_the_platform_read_the_same(tmp_path: Path) -> None:
    chance = random.Random(20)
    good = [str(card["payload"]) for card in VECTORS["cards"]]
    changed = [near(chance.choice(good), chance) for _ in range(600)]
    texts = [*good, *VECTORS["refused"], *changed, *map(resealed, changed)]
    texts += ["", "RP1", ":::::", "A" * 321, f"{good[0]}{' ' * 300}"]
    here = [read_here(text) for text in texts]
    assert in_node(tmp_path, "card", READ_ALL, texts) == here
    # Both ways are there, beyond the examples themselves.
    assert all(here[: len(good)])
    assert None in here
    assert sum(one is not None for one in here[len(good) + len(VECTORS["refused"]) :]) > 50


def test_everybody_on_a_card_is_read(tmp_path: Path) -> None:
    told = [(one["birth_date"], one["birth_rank"]) for one in VECTORS["cards"][3]["people"]]
    from datetime import date

    payload = write_card_payload(
        "990001",
        "77",
        [(date.fromisoformat(born), rank) for born, rank in told],
        "K7QJXW2MP4ZD5NTB",
    )
    (read,) = in_node(tmp_path, "card", READ_ALL, [payload])
    assert [(one["born"], one["rank"]) for one in read["people"]] == sorted(told)
