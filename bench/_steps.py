"""Where the microseconds of one question go: each step timed alone, by the edge's own parts."""

import secrets
import statistics
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final, TypeVar

import msgspec

from rempart.api.rights_messages import RightsQuestion
from rempart.api.rights_questions import _filled, read_question
from rempart.api.strict_json import read
from rempart.cli.demo_platform import Platform
from rempart.foundation.clock import SystemClock
from rempart.foundation.database import Database, Row
from rempart.identity import NonceClock, check_proof
from rempart.journal import ReceiptSigner
from rempart.rights import (
    Answer,
    Asker,
    BlindingClient,
    Lane,
    LiveGenerations,
    Presented,
    Question,
    Room,
)

ASKED: Final = 300
Made = TypeVar("Made")


class _Watch:
    def __init__(self) -> None:
        self.took: dict[str, list[float]] = defaultdict(list)

    def run(self, step: str, work: Callable[[], Made]) -> Made:
        begun = time.perf_counter()
        made = work()
        self.took[step].append(time.perf_counter() - begun)
        return made

    async def wait(self, step: str, work: Awaitable[Made]) -> Made:
        begun = time.perf_counter()
        made = await work
        self.took[step].append(time.perf_counter() - begun)
        return made

    def medians(self) -> dict[str, float]:
        return {step: statistics.median(took) * 1e6 for step, took in self.took.items()}


class _Database:
    """What the lane calls, timed."""

    def __init__(self, database: Database, watch: _Watch) -> None:
        self._database, self._watch = database, watch

    async def call(self, function: str, *args: object) -> list[Row]:
        return await self._watch.wait(function, self._database.call(function, *args))

    async def run(self, procedure: str, *args: object) -> None:
        await self._watch.wait(procedure, self._database.run(procedure, *args))


class _Blinder:
    """The blinding client, timed."""

    def __init__(self, client: BlindingClient, watch: _Watch) -> None:
        self._client, self._watch = client, watch

    async def blind(self, items: Sequence[tuple[int, bytes]]) -> list[bytes]:
        return await self._watch.wait("blinding", self._client.blind(items))


class _Nonces(NonceClock):
    """Takes any nonce after doing the work: a restore's epoch is the server's own to know."""

    def accepts(self, nonce: str) -> bool:
        super().accepts(nonce)
        return True


def _read(body: bytes) -> Question:
    return read_question(read(body, RightsQuestion), SystemClock().today())


async def steps(
    platform: Platform,
    url: str,
    token: str,
    jkt: bytes,
    sign: Callable[[bytes], str],
    asking: Callable[[], msgspec.Struct],
) -> dict[str, int]:
    """Ask one question after another, alone; the median of each step in microseconds.

    `sign` makes the proof of a body, `asking` a question of a card that is covered.
    """
    watch, settings, keyring = _Watch(), platform.settings, platform.keyring
    database = await Database.open(platform.reached.conninfo("rempart_edge"), max_size=2)
    blinding = await BlindingClient.open(settings.blinding_socket)
    nonces = _Nonces(keyring.secret("nonce"))
    lane = Lane(_Database(database, watch), ReceiptSigner(keyring.secret("receipt")), 1)
    asker = Asker(lane, _Blinder(blinding, watch), keyring, Room(8), LiveGenerations(database))
    try:
        for _ in range(ASKED):
            body = msgspec.json.encode(asking())
            jwt = sign(body)
            proof = watch.run(
                "proof",
                partial(
                    check_proof, jwt, method="POST", url=url, body=body, token=token, nonces=nonces
                ),
            )
            question = watch.run("reading", partial(_read, body))
            shown = Presented(
                token=token, jkt=jkt, proof_jti=proof.jti + secrets.token_hex(4), proof_jwt=jwt,
                body=body, network="127.0.0.1",
            )  # fmt: skip
            answer = await watch.wait("asking", asker.ask(question, shown))
            assert isinstance(answer, Answer), answer
            watch.run("encoding", partial(_filled, answer))
    finally:
        await lane.close()
        await blinding.close()
        await database.close()
    found = watch.medians()
    inside = sum(found[step] for step in ("blinding", "rights.ask", "rights.collect"))
    found["hashing, sealing, signing"] = found.pop("asking") - inside
    return {step: round(took) for step, took in found.items()}
