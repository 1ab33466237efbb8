"""The server's nonce: shows that a proof is fresh without trusting its signer's clock."""

import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Final

from rempart.identity.compact import encode

STEP_S: Final = 60
ACCEPTED_STEPS: Final = 5
"""A nonce is accepted in its own step and the four after it: up to five minutes."""

_DOMAIN: Final = b"rempart server nonce v1\x00"


class NonceClock:
    """A nonce that every process of the platform derives alike from the time and a shared key."""

    def __init__(self, key: bytes, *, clock: Callable[[], float] = time.time) -> None:
        """Take the key named ``nonce`` (at least 32 bytes) and a clock in seconds since 1970."""
        if len(key) < 32:
            raise ValueError("the nonce key must have at least 32 bytes")
        self._key = key
        self._clock = clock
        self._epoch = b""
        self._step = -1
        self._current = ""
        self._accepted: frozenset[str] = frozenset()

    def begin(self, epoch: bytes) -> None:
        """Go on in another epoch: a nonce of any other is no longer accepted, however young."""
        if epoch != self._epoch:
            self._epoch, self._step = epoch, -1

    def current(self) -> str:
        """Return the nonce to send now, 22 characters."""
        self._keep_up()
        return self._current

    def accepts(self, nonce: str) -> bool:
        """Whether this nonce was sent within the last five minutes.

        One step ahead is accepted too: another process's clock may be a little early. A nonce is
        no secret (anybody is given it), so a plain look-up in a set is enough.
        """
        self._keep_up()
        return nonce in self._accepted

    def _keep_up(self) -> None:
        step = self._now()
        if step != self._step:
            accepted = range(step - ACCEPTED_STEPS + 1, step + 2)
            self._accepted = frozenset(self._nonce(one) for one in accepted)
            self._current = self._nonce(step)
            self._step = step

    def _now(self) -> int:
        return int(self._clock() // STEP_S)

    def _nonce(self, step: int) -> str:
        mac = hmac.digest(
            self._key, _DOMAIN + self._epoch + step.to_bytes(8, "big"), hashlib.sha256
        )
        return encode(mac[:16])
