"""Writes vectors/card.json: what cards say to a scanner, and what is not the code of a card.

Usage: python vectors/make_card.py > vectors/card.json. A test checks that it changes nothing.
"""

import base64
import hashlib
import json
import sys
from datetime import date

from rempart.registry import write_card_payload
from rempart.registry.card_payload import check_character

CARDS = (
    ("990001", "0012 345 678", [("1985-05-17", 1)], "K7QJ-XW2M-P4ZD-5NTB"),
    ("990001", "AB-77/31", [("1950-01-30", 1)], "abcdefghjkmn2345"),
    (
        "00ab",
        "12345678",
        [("2015-03-09", 2), ("1985-05-17", 1), ("2015-03-09", 1), ("2015-03-09", 2)],
        "A1B2C3D4E5F60718",
    ),
    ("1234567890", "X" * 24, [("1999-12-31", rank) for rank in range(1, 10)], "ABCD" * 16),
)
SECRETS = ("K7QJXW2MP4ZD5NT", "AAAAAAAAAAAAAAA", "234567234567234", "ZYXWVUTSRQPONML", "B")
MISWRITTEN = (
    "RP1:990001:12345678:198505171+198505171:K7QJXW2MP4ZD5NTB",
    "RP1:990001:12345678:198711021+198505171:K7QJXW2MP4ZD5NTB",
    "RP1:990001:12345678::K7QJXW2MP4ZD5NTB",
    "RP1:990001:12345678:198502301:K7QJXW2MP4ZD5NTB",
    "RP1:990001:12345678:198505170:K7QJXW2MP4ZD5NTB",
    "RP1:990001:0012345678:198505171:K7QJXW2MP4ZD5NTB",
    "RP1:990001:12-345:198505171:K7QJXW2MP4ZD5NTB",
    "RP1:99000100001:12345678:198505171:K7QJXW2MP4ZD5NTB",
    "RP1:990001:12345678:198505171:K7QJXW2MP4ZD",
    "RP1:990001:12345678:198505171:AAAABBBBCCCCAAAA",
    "RP1:990001:1:"
    + "+".join(f"19850{n // 9 + 1}17{n % 9 + 1}" for n in range(21))
    + ":K7QJXW2MP4ZD5NTB",
)


def refused(good: str) -> list[str]:
    """Texts that a reader must refuse: each is a good one with one thing wrong."""
    body, _, check = good.rpartition(":")
    one_off = chr(ord(body[12]) ^ 1)
    return [
        "",
        body,
        good[:-1],
        good + "A",
        f"{body[:12]}{one_off}{body[13:]}:{check}",
        good.replace("RP1", "RP2", 1),
        good.replace(":", ";"),
        good.replace("198505171", "19850517"),
        "\uff32" + good[1:],
        f"{body}:{check}:{check}",
        *(f"{one}:{check_of(one)}" for one in MISWRITTEN),
    ]


def check_of(body: str) -> str:
    """Make the check that goes with a body, whatever it says."""
    return base64.b32encode(hashlib.sha256(body.encode()).digest()).decode()[:4]


def main() -> None:
    """Print the vectors."""
    cards = [
        {
            "insurer": insurer,
            "member_number": member,
            "people": [{"birth_date": born, "birth_rank": rank} for born, rank in people],
            "secret": secret,
            "payload": write_card_payload(
                insurer, member, [(date.fromisoformat(born), rank) for born, rank in people], secret
            ),
        }
        for insurer, member, people, secret in CARDS
    ]
    found = {
        "version": "RP1",
        "cards": cards,
        "refused": refused(str(cards[0]["payload"])),
        "check_characters": [
            {"symbols": symbols, "check": check_character(symbols)} for symbols in SECRETS
        ],
    }
    json.dump(found, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
