"""Asks one question for the edge: hashes what the card says, asks, and reads what is on record."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rempart.billing import engagement_number
from rempart.foundation.database import hexed
from rempart.foundation.errors import KeyMissingError, UnavailableError
from rempart.journal import packed_hash
from rempart.registry import (
    STAND_IN_SECRET,
    feed_key_name,
    inner_card,
    inner_index,
    normalise_amc,
)
from rempart.rights.answer import Answer, Outcome, Receipt, Refusal, RefusedBecause
from rempart.rights.blinding import Purpose
from rempart.rights.lane import Collected, Lane, QuestionRow
from rempart.rights.question import Presented, Question
from rempart.rights.quote import read_told
from rempart.rights.room import Room

_NOTHING = bytes(32)
_MET_BYTES = 16
_SALT_BYTES = 16
_RETRY_AFTER_S = 60
_FEED_KEY_KEPT_S = 2.0
"""A feed key that is replaced in the keyring is the old one for so long."""


class Keys(Protocol):
    """A keyring: secrets by name."""

    def secret(self, name: str) -> bytes:
        """Return a secret, or raise `KeyMissingError`."""
        ...


class Blinder(Protocol):
    """The blinding process, or what stands for it."""

    async def blind(self, items: Sequence[tuple[int, bytes]]) -> list[bytes]:
        """Return one outer index for each inner one."""
        ...


class Generations(Protocol):
    """Which generations of index keys live."""

    async def live(self) -> Sequence[int]:
        """Return them, the newest first; raise `UnavailableError`."""
        ...


@dataclass(frozen=True, slots=True)
class _Indexes:
    """A card's outer indexes; of person and secret, one for each generation that lives."""

    people: list[bytes]
    asked: bytes
    cards: list[bytes]
    secret: bytes
    """The secret under a key of the edge's own, which stays when the others turn."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What chance gives a question before it is asked; of the engagement, its number too."""

    body_salt: bytes
    engagement_id: bytes
    number: str


class Asker:
    """Asks questions for one edge process.

    Plain identifiers live in `ask` for the length of one request; what leaves it is hashed twice,
    the second time in the blinding process.
    """

    def __init__(
        self, lane: Lane, blinder: Blinder, keys: Keys, room: Room, generations: Generations
    ) -> None:
        """Take lane, blinding, keyring, room and generations; draws this start's boot number."""
        self._lane = lane
        self._generations = generations
        self.room = room
        self._blinder = blinder
        self._keys = keys
        self._met_key = keys.secret("met_inner")
        self._engagement_key = keys.secret("engagement")
        self._seal = AESGCM(keys.secret("proof_seal"))
        self._edge = hashlib.sha256(b"rempart/edge" + keys.secret("met_inner")).digest()[:16]
        self._boot = secrets.token_bytes(16)
        # Of insurers that have one: what anybody may invent is not kept.
        self._feed_keys: dict[str, tuple[bytes, float]] = {}

    async def ask(self, question: Question, presented: Presented) -> Answer | Refusal | None:
        """Ask; an answer, a refusal, or None when the token is not alive.

        Raises `UnavailableError` when anything needed cannot be reached, and then nothing was
        answered; `OverloadedError` when there is no place, and then nothing was begun either;
        `BadInputError` when an identifier cannot be normalised.
        """
        with self.room.place(presented.jkt):
            indexes = await self._indexes(question)
            engagement_id = secrets.token_bytes(16)
            number = engagement_number(self._engagement_key, engagement_id)
            drawn = _Drawn(_salt_of(question), engagement_id, number)
            collected = await self._lane.ask(self._row(question, presented, indexes, drawn))
            if collected is None:
                return None
            self.room.vouch(presented.jkt)
            return self._read(collected, drawn)

    async def _indexes(self, question: Question) -> _Indexes:
        person = (question.member_number, question.birth_date, question.birth_rank)
        met = inner_index(self._met_key, question.insurer, *person)
        # An insurer without a key is not served; the same three hashes are made all the same.
        key = self._feed_key(question.insurer) or _NOTHING
        registry = inner_index(key, question.insurer, *person)
        # Typed data has no secret; a stand-in is hashed all the same, so that it takes as long.
        shown = (question.insurer, question.member_number, question.card_secret or STAND_IN_SECRET)
        card, secret = inner_card(key, *shown), inner_card(self._met_key, *shown)
        if question.card_secret is None:
            card = secret = _NOTHING
        live = await self._generations.live()
        outer = await self._blinder.blind(
            [
                (Purpose.MET, met),
                *((Purpose.REGISTRY.under(one), registry) for one in live),
                *((Purpose.CARD.under(one), card) for one in live),
            ]
        )
        people, cards = outer[1 : len(live) + 1], outer[len(live) + 1 :]
        return _Indexes(people, outer[0][:_MET_BYTES], cards, secret)

    def _feed_key(self, insurer: str) -> bytes | None:
        now, (key, until) = time.monotonic(), self._feed_keys.get(insurer, (b"", 0.0))
        if now < until:
            return key
        try:
            key = self._keys.secret(feed_key_name(insurer))
        except KeyMissingError:
            self._feed_keys.pop(insurer, None)
            return None
        self._feed_keys[insurer] = (key, now + _FEED_KEY_KEPT_S)
        return key

    def _row(
        self, question: Question, presented: Presented, indexes: _Indexes, drawn: _Drawn
    ) -> QuestionRow:
        attempt = secrets.token_bytes(16)
        insurer = normalise_amc(question.insurer)
        return {
            "attempt": hexed(attempt),
            "token": presented.token,
            "jkt": hexed(presented.jkt),
            "proof": hexed(self._sealed(presented.proof_jwt, attempt)),
            "proof_jti": self._hidden("proof", presented.proof_jti),
            "network": presented.network,
            "edge": hexed(self._edge),
            "boot": hexed(self._boot),
            "professional": question.professional,
            "site": question.site,
            "insurer": insurer,
            "person_indexes": [hexed(one) for one in indexes.people],
            "asked": hexed(indexes.asked),
            "cards": [hexed(one) for one in indexes.cards],
            "domain": question.domain,
            "care_on": question.care_on.isoformat(),
            "evidence": question.shown,
            "reference": self._hidden("reference", question.reference),
            "sameness": hexed(self._sameness(question, indexes)),
            "digest": hexed(hashlib.sha256(drawn.body_salt + presented.body).digest()),
            "engagement_id": hexed(drawn.engagement_id),
            # Without dashes, as `read_engagement_number` reads one that is shown to us.
            "engagement_hash": hexed(
                hashlib.sha256(drawn.number.replace("-", "").encode()).digest()
            ),
            **({} if question.quoting is None else question.quoting.row()),
        }

    def _sealed(self, proof: str, attempt: bytes) -> bytes:
        # Sealed: the proof holds the plain hash of a body that names a person.
        nonce = secrets.token_bytes(12)
        return nonce + self._seal.encrypt(nonce, proof.encode(), attempt)

    def _hidden(self, what: str, text: str) -> str:
        # A software chooses these, and one may put a person's number in them.
        return hmac.digest(self._met_key, f"rempart/{what}/{text}".encode(), "sha256").hex()

    def _sameness(self, question: Question, indexes: _Indexes) -> bytes:
        """Hash what makes two questions the same one; of the person, what keys that stay make."""
        plain = (
            question.domain,
            question.care_on.isoformat(),
            question.shown,
            question.professional,
            question.site,
            normalise_amc(question.insurer),
        )
        quoted = () if question.quoting is None else (question.quoting.mark(self._met_key),)
        return packed_hash(indexes.asked, indexes.secret, *(one.encode() for one in plain), *quoted)

    def _read(self, collected: Collected, drawn: _Drawn) -> Answer | Refusal:
        row, signed = collected.row, collected.signed
        if row["refused_because"]:
            because = RefusedBecause(row["refused_because"])
            waits = because is RefusedBecause.TOO_MANY_QUESTIONS
            return Refusal(because, _RETRY_AFTER_S if waits else None)
        if signed is None:
            raise UnavailableError("rights.collect: an outcome without an entry")
        engagement_id = row["engagement_id"]
        return Answer(
            outcome=Outcome(row["outcome"]),
            rate_bp=row["rate_bp"],
            amount_cents=row["amount_cents"],
            ceiling_cents=row["ceiling_cents"],
            engagement=engagement_id and self._number(engagement_id, drawn),
            expires_on=row["expires_on"],
            receipt=Receipt(
                entry=row["receipt"],
                leaf=row["leaf_hash"],
                head=row["head_hash"],
                salt=row["salt_a"],
                body_salt=drawn.body_salt,
                commitment_m=row["commitment_m"],
                commitment_b=row["commitment_b"],
                signed=signed,
            ),
            lines=read_told(row["told"]),
        )

    def _number(self, engagement_id: bytes, drawn: _Drawn) -> str:
        """Return an engagement's number: mostly of the one just drawn, else of an earlier one."""
        if engagement_id == drawn.engagement_id:
            return drawn.number
        return engagement_number(self._engagement_key, engagement_id)


def _salt_of(question: Question) -> bytes:
    """Return the digest's salt: for an exception the browser's, as the passkey was touched."""
    if question.excepted is not None:
        return question.excepted.salt
    return secrets.token_bytes(_SALT_BYTES)
