"""Certificates of erasure: the entry that closed a run, what opens it, and a signature."""

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from rempart.foundation.database import Database
from rempart.foundation.errors import BadInputError
from rempart.journal.entry import Entry
from rempart.journal.purges import PurgeError, PurgeStatement, read_purge_statement
from rempart.journal.receipt import ReceiptSigner, SignedLeaf, check_signed_leaf

_FORMAT: Final = "rempart/purge-certificate/v1"


class Signature(msgspec.Struct, frozen=True):
    """Ed25519 over the entry's leaf as a batch of one (docs/entry.md, "The receipt"), in hex."""

    signature: str
    key_id: str
    public_key: str


class Erased(msgspec.Struct, frozen=True):
    """One kind: how long it is kept, before which date it went, how many rows."""

    what: str
    policy: str
    before: str
    erased: int


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """What a run erased, in words a machine reads, and the entry that says so, whole."""

    format: str
    author: str
    opening_entry: int
    entry: int
    recorded_at: str
    erased: list[Erased]
    leaf: str
    fields: dict[str, Any]
    payload: dict[str, Any]
    signed: Signature


async def make_certificate(
    database: Database, number: int, signer: ReceiptSigner
) -> Certificate | None:
    """Make the certificate of a run that has ended, as rempart_jobs; None when there is none.

    ``number``: the entry that closed the run, or opened it. Every hash is computed anew before it
    is signed; raises `PurgeError` when the entry on record does not hold.
    """
    rows = await database.call("journal.read_purge", number)
    if not rows:
        return None
    entry = Entry(rows[0]["entry"], rows[0]["payload"])
    statement = _checked(entry)
    leaf = entry.leaf()
    (signed,) = signer.sign([leaf])
    return Certificate(
        format=_FORMAT,
        author=statement.author,
        opening_entry=statement.opening or 0,
        entry=entry.number,
        recorded_at=_recorded_at(entry),
        erased=_told(statement),
        leaf=leaf.hex(),
        fields=entry.fields,
        payload=rows[0]["payload"],
        signed=Signature(signed.signature.hex(), signed.key_id, signer.public_key.hex()),
    )


def read_certificate(content: bytes) -> Certificate:
    """Read a certificate's file. Raises `BadInputError`."""
    try:
        found = msgspec.json.decode(content, type=Certificate)
    except msgspec.MsgspecError:
        raise BadInputError("FILE", "is no certificate") from None
    if found.format != _FORMAT:
        raise BadInputError("FILE", "is no certificate that this version knows")
    return found


def check_certificate(held: Certificate, public_key: bytes) -> PurgeStatement:
    """Check a certificate offline, from docs/entry.md alone.

    ``public_key``: the operator's receipt key, 32 bytes, from where the reader trusts it. The
    statement must open the entry's commitment, the leaf must follow from the entry, the key must
    have signed it, and the words must be the statement's. Raises `PurgeError` or `ReceiptError`
    with what does not hold, `BadInputError` when something is missing or misshapen.
    """
    entry = Entry(held.fields, held.payload)
    try:
        statement = _checked(entry)
        signature = bytes.fromhex(held.signed.signature)
        recorded_at = _recorded_at(entry)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise BadInputError("FILE", "lacks something that a certificate has") from None
    told = (held.author, held.opening_entry, held.entry, held.recorded_at, held.erased, held.leaf)
    due = (statement.author, statement.opening, entry.number, recorded_at, _told(statement))
    if told != (*due, entry.leaf().hex()):
        raise PurgeError("its words are not what its entry says")
    check_signed_leaf(entry.leaf(), SignedLeaf(0, 1, (), signature, held.signed.key_id), public_key)
    return statement


def _checked(entry: Entry) -> PurgeStatement:
    if entry.fields["kind"] != "purge" or entry.payload is None:
        raise PurgeError("it is no entry of a purge")
    for name, value in entry.commitments().items():
        if value != entry.bytes_of(name):
            raise PurgeError("its entry does not hold its statement")
    if entry.leaf() != entry.bytes_of("leaf_hash"):
        raise PurgeError("its leaf is not the hash of its entry")
    statement = read_purge_statement(bytes.fromhex(entry.payload["proof"].removeprefix("\\x")))
    if statement.step != "close":
        raise PurgeError("it is not the end of a purge")
    return statement


def _recorded_at(entry: Entry) -> str:
    return datetime.fromtimestamp(int(entry.fields["recorded_us"]) / 1e6, UTC).isoformat()


def _told(statement: PurgeStatement) -> list[Erased]:
    return [
        Erased(item.what, item.policy, item.before.isoformat(), item.erased or 0)
        for item in statement.items
    ]
