"""Writes vectors/entry.json: an entry, its commitments, a batch and its receipt, from fixed bytes.

Usage: python vectors/make_entry.py > vectors/entry.json. A test checks that it changes nothing.
"""

import hashlib
import json
import struct
import sys
from datetime import date
from typing import Any

from rempart.journal import Entry, PurgeItem, PurgeStatement, ReceiptSigner, leaf_hash, pack
from rempart.journal.purges import WHAT


def fixed(name: str, size: int = 32) -> bytes:
    """Bytes that look random and are the same each time."""
    return hashlib.sha256(f"rempart vector {name}".encode()).digest()[:size]


def hexed(value: bytes) -> str:
    """Bytes as the database writes them."""
    return "\\x" + value.hex()


NOW = 1_000_000_000_000


def charge(*said: int) -> bytes:
    """34 bytes: kind, id, bucket, units, B, microseconds a unit, arrival time after."""
    return struct.pack(">hqhhiqq", *said)


CHARGES = charge(1, 3, 1, 1, 900, 96_000_000, 5 * 10**12)
EXCEPTED = b"".join(
    (
        charge(1, 3, 1, 1, 900, 96_000_000, 5 * 10**12),
        charge(2, 7, 1, 1, 450, 192_000_000, NOW + 192_000_000),
        charge(2, 7, 6, 1, 5, 17_280_000_000, NOW + 3 + 17_280_000_000),
        charge(3, 8, 6, 1, 8, 11_520_000_000, NOW + 3 + 8 * 11_520_000_000),
        charge(4, 9, 1, 1, 450, 192_000_000, NOW + 192_000_000),
        charge(4, 9, 6, 1, 10, 8_640_000_000, NOW + 3 + 2 * 8_640_000_000),
    )
)

PAYLOADS: list[dict[str, Any]] = [
    {
        "professional": "10000000001",
        "site": "750000001",
        "domain": "PHAR",
        "care_on": "2027-03-01",
        "evidence": "typed",
        "outcome": "covered",
        "refused_because": "",
        "rate_bp": 10000,
        "amount_cents": None,
        "ceiling_cents": 5000,
        "expires_on": "2027-03-31",
        "engagement_hash": hexed(hashlib.sha256(b"ABCDEFGHJKMNPQRS0").digest()),
    },
    {
        "professional": "10000000001",
        "site": "750000001",
        "domain": "OPTI",
        "care_on": "2027-03-01",
        "evidence": "typed",
        "outcome": "",
        "refused_because": "domain_not_allowed",
        "rate_bp": None,
        "amount_cents": None,
        "ceiling_cents": None,
        "expires_on": None,
        "engagement_hash": None,
    },
]
PAYLOADS.append(
    PAYLOADS[1]
    | {
        "domain": "PHAR",
        "evidence": "exception:card_missing",
        "outcome": "no_right_found",
        "refused_because": "",
    }
)
PAYLOADS.append(
    PAYLOADS[0]
    | {
        "domain": "OPTI",
        "evidence": "scan",
        "outcome": "agreed",
        "rate_bp": None,
        "amount_cents": 5000,
        "ceiling_cents": None,
        "told": hexed(
            pack(
                [
                    *((5000).to_bytes(4, "big"), (0).to_bytes(4, "big"), b"2029-03-01"),
                    *((0).to_bytes(4, "big"), None, None),
                ]
            )
        ),
    }
)


def entry(number: int, payload: dict[str, Any]) -> dict[str, Any]:
    """One entry with everything that a checker needs, and every hash on the way."""
    name = f"entry {number}"
    opened = payload | {
        "salt_a": hexed(fixed(f"{name} a")),
        "salt_m": hexed(fixed(f"{name} m")),
        "salt_b": hexed(fixed(f"{name} b")),
        "digest": hexed(fixed(f"{name} digest")),
        "insurer": "12345678",
        "member_reference": hexed(fixed(f"{name} member", 16) if number == 1 else b""),
        "installation_id": 3,
        "network": "127.0.0.1",
        "asked": hexed(fixed(f"{name} asked", 16)),
        "fresh": number == 1,
        "proof": hexed(fixed(f"{name} proof")),
    }
    is_excepted = payload["evidence"].startswith("exception:")
    fields: dict[str, Any] = {
        "entry_no": number,
        "recorded_us": 1803945600000000 + number,
        "guard_at": NOW + number,
        "kind": ("exception" if is_excepted else "answer") if payload["outcome"] else "refusal",
        "subject_kind": 2,
        "subject_id": 7,
        "counter": number,
        "previous_hash": hexed(bytes(32)),
        "edge": hexed(fixed("edge", 16)),
        "boot": hexed(fixed("boot", 16)),
        "proof_kind": "dpop",
        "charges": hexed(EXCEPTED if is_excepted else CHARGES),
        "replays": 0,
        "tally": 1,
        "receipt": hexed(fixed(f"{name} receipt", 16)),
    }
    computed = Entry(fields, opened).commitments()
    fields |= {key: hexed(value) for key, value in computed.items()}
    return {"fields": fields, "payload": opened, "head": hexed(Entry(fields, opened).head())}


def restore(before: dict[str, Any]) -> dict[str, Any]:
    """Make an entry of kind restore: its place, its jump, and what it opens to."""
    last, jump, leaf = before["fields"]["entry_no"], 1_000_000_123, before["leaf"]
    stated = [b"rempart/restore/v1", b"Disque perdu", b"alice", int8(last)]
    stated += [bytes.fromhex(leaf[2:]), int8(1803945700000000), int8(jump), int8(last + 40)]
    nobody = dict.fromkeys(("professional", "site", "domain", "evidence", "outcome"), "")
    payload = PAYLOADS[1] | nobody | {"refused_because": "", "care_on": "2027-03-02"}
    made = entry(last + 1 + jump, payload)
    made["payload"] |= {"insurer": "", "installation_id": 0, "network": "", "asked": "\\x"}
    made["payload"] |= {"digest": "\\x", "proof": hexed(pack(stated))}
    made["fields"] |= {"kind": "restore", "subject_kind": 0, "subject_id": 0, "counter": 1 + jump}
    made["fields"] |= {"proof_kind": "console", "charges": "\\x", "replays": last}
    made["fields"] |= {"edge": hexed(bytes(16)), "boot": hexed(bytes(16))}
    computed = Entry(made["fields"], made["payload"]).commitments()
    made["fields"] |= {key: hexed(value) for key, value in computed.items()}
    whole = Entry(made["fields"], made["payload"])
    return made | {"head": hexed(whole.head()), "leaf": hexed(whole.leaf()), "jump": jump}


def int8(value: int) -> bytes:
    """Eight bytes, as docs/entry.md writes an int8."""
    return value.to_bytes(8, "big", signed=True)


def purge(step: str, opening: int | None, counts: list[int | None]) -> dict[str, Any]:
    """One step of an erasure, and its bytes; earlier statements had fewer items."""
    kept = ("P31D", "P12M", "P36M", "P36M", "P7D", "P14M", "P6M", "P6M", "P6M", "P31D", "P1M")
    days = (
        *(date(2027, 2, 1), date(2026, 3, 1), date(2024, 3, 4), date(2024, 3, 4)),
        *(date(2027, 2, 25), date(2026, 1, 4), date(2026, 9, 4), date(2026, 9, 4)),
        *(date(2026, 9, 4), date(2027, 2, 1), date(2027, 2, 4), date(2026, 2, 4)),
        *(date(2027, 3, 5), date(2027, 3, 5)),
    )
    kinds = zip(WHAT, (*kept, "P13M", "P0D", "P0D"), days, strict=True)
    items = tuple(PurgeItem(*kind, count) for kind, count in zip(kinds, counts, strict=False))
    statement = PurgeStatement("open" if step == "open" else "close", "schedule", opening, items)
    return {
        "step": step,
        "author": "schedule",
        "opening": opening,
        "items": [[i.what, i.policy, i.before.isoformat(), i.erased] for i in items],
        "packed": hexed(statement.packed()),
    }


PURGES = [
    purge("open", None, [None] * 5),
    purge("close", 9, [2_000_000, 0, 5, 2**40, 1]),
    purge("open", None, [None] * 6),
    purge("close", 11, [3, 0, 5, 0, 1, 2**33]),
    purge("open", None, [None] * 12),
    purge("close", 13, [3, 0, 5, 0, 1, 2**33, 7, 0, 0, 9, 1, 1]),
    purge("open", None, [None] * 14),
    purge("close", 15, [3, 0, 5, 0, 1, 2**33, 7, 0, 0, 9, 1, 1, 2**25, 4]),
]


def main() -> None:
    """Print the vectors."""
    signer = ReceiptSigner(fixed("receipt key"))
    entries: list[dict[str, Any]] = []
    for number, payload in enumerate(PAYLOADS, 1):
        made = entry(number, payload)
        if entries:
            made = entry(number, payload)
            made["fields"]["previous_hash"] = entries[-1]["leaf"]
            whole = Entry(made["fields"], made["payload"])
            made["head"] = hexed(whole.head())
        whole = Entry(made["fields"], made["payload"])
        made["leaf"] = hexed(whole.leaf())
        entries.append(made)
    entries.append(restore(entries[-1]))
    leaves = [bytes.fromhex(made["leaf"][2:]) for made in entries]
    leaves += [leaf_hash(fixed(f"r{n}", 16), *(fixed(f"{x}{n}") for x in "hamb")) for n in range(5)]
    receipts = [
        {
            "leaf": hexed(leaf),
            "index": signed.index,
            "size": signed.size,
            "path": [hexed(node) for node in signed.path],
            "signature": hexed(signed.signature),
        }
        for leaf, signed in zip(leaves, signer.sign(leaves), strict=True)
    ]
    json.dump(
        {
            "made_by": "vectors/make_entry.py",
            "checked_by": "vectors/check_entry.mjs",
            "entries": entries,
            "purges": PURGES,
            "receipt_key": hexed(signer.public_key),
            "receipts": receipts,
        },
        sys.stdout,
        indent=1,
    )
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
