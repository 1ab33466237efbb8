"""Entries as an auditor reads them: every hash computed anew, by this program and not by SQL."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from rempart.foundation.database import Database
from rempart.journal.packing import leaf_hash, packed_hash

_PAGE = 2_000

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry and, unless it was erased, what opens it."""

    fields: Fields
    payload: Fields | None

    @property
    def number(self) -> int:
        """Its number."""
        return int(self.fields["entry_no"])

    @property
    def subject(self) -> tuple[int, int]:
        """Whose chain it is in: kind and id."""
        return int(self.fields["subject_kind"]), int(self.fields["subject_id"])

    def bytes_of(self, name: str) -> bytes:
        """Return a field that holds bytes."""
        return _bytes(self.fields[name])

    def head(self) -> bytes:
        """Hash of the entry's own fields (docs/entry.md, "head")."""
        f = self.fields
        return packed_hash(
            b"rempart/entry/v1",
            _int8(f["entry_no"]),
            _int8(f["recorded_us"]),
            _int8(f["guard_at"]),
            f["kind"].encode(),
            _int2(f["subject_kind"]),
            _int8(f["subject_id"]),
            _int8(f["counter"]),
            self.bytes_of("previous_hash"),
            self.bytes_of("edge"),
            self.bytes_of("boot"),
            f["proof_kind"].encode(),
            self.bytes_of("charges"),
            _int8(f["replays"]),
            _int4(f["tally"]),
        )

    def leaf(self) -> bytes:
        """Hash of the leaf, from the head and the three commitments."""
        a, m, b = (self.bytes_of(f"commitment_{name}") for name in "amb")
        return leaf_hash(self.bytes_of("receipt"), self.head(), a, m, b)

    def commitments(self) -> dict[str, bytes]:
        """Compute A, M and B from the payload; empty when it is gone."""
        if self.payload is None:
            return {}
        p = self.payload
        return {
            "commitment_a": commitment_a(p),
            "commitment_m": packed_hash(
                b"rempart/commitment-m/v1",
                _bytes(p["salt_m"]),
                p["insurer"].encode(),
                _bytes(p["member_reference"]),
            ),
            "commitment_b": packed_hash(
                b"rempart/commitment-b/v1",
                _bytes(p["salt_b"]),
                _int8(p["installation_id"]),
                p["network"].encode(),
                _bytes(p["asked"]),
                _int2(int(p["fresh"])),
                _bytes(p["proof"]),
            ),
        }


def commitment_a(p: Fields) -> bytes:
    """Commitment to the disclosure as the asker may see it; ``p`` has the payload's names.

    What a quote told, line by line, stands behind the rest, under a label of its own.
    """
    told = p.get("told")
    return packed_hash(
        b"rempart/commitment-a/v1" if told is None else b"rempart/commitment-a/v2",
        _bytes(p["salt_a"]),
        *(
            p[name].encode()
            for name in (
                "professional", "site", "domain", "care_on", "evidence", "outcome",
                "refused_because",
            )
        ),
        *(
            None if p[name] is None else _int4(p[name])
            for name in ("rate_bp", "amount_cents", "ceiling_cents")
        ),
        None if p["expires_on"] is None else p["expires_on"].encode(),
        None if p["engagement_hash"] is None else _bytes(p["engagement_hash"]),
        _bytes(p["digest"]),
        *(() if told is None else (_bytes(told),)),
    )  # fmt: skip


async def read_entries(database: Database) -> AsyncIterator[Entry]:
    """Read the whole journal in order of number, a page at a time, as rempart_journal."""
    after = 0
    while True:
        rows = await database.call("journal.read_entries", after, _PAGE)
        for row in rows:
            entry = Entry(row["entry"], row["payload"])
            after = entry.number
            yield entry
        if len(rows) < _PAGE:
            return


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("\\x"))


def _int2(value: int) -> bytes:
    return int(value).to_bytes(2, "big", signed=True)


def _int4(value: int) -> bytes:
    return int(value).to_bytes(4, "big", signed=True)


def _int8(value: int) -> bytes:
    return int(value).to_bytes(8, "big", signed=True)
