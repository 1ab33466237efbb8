"""How many questions one edge process has in hand; past that, refused before anything is paid."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rempart.foundation.errors import OverloadedError

SHARES: Final = 8
"""One installation may hold this part of the places at a time: 1/8."""

_VOUCHED: Final = 10_000
"""How many keys are remembered as those of living tokens; the oldest are forgotten first."""


class Room:
    """Places for questions. One is held from when a proof was checked until its answer is there.

    Nobody waits for a place: whoever finds none is told so at once, and has cost no blinding and no
    SQL. One installation holds an eighth of the places at most, so that its flood is its own. All
    those whose token the database has not yet been seen to accept hold half of them together: a
    flood of invented keys, each with a proof that is good for itself, leaves the other half.
    """

    def __init__(self, places: int) -> None:
        """Take how many questions may be in hand at a time."""
        self._places = places
        self._share = max(1, places // SHARES)
        self._held: Counter[bytes] = Counter()
        self._strangers = 0
        self._vouched: dict[bytes, None] = {}
        self.in_hand = 0

    @property
    def is_full(self) -> bool:
        """Whether no place is left for anybody."""
        return self.in_hand >= self._places

    @contextmanager
    def place(self, jkt: bytes) -> Iterator[None]:
        """Hold a place while the block runs, for the key that signed the proof.

        Raises `OverloadedError` when there is none for this key.
        """
        is_stranger = jkt not in self._vouched
        if (
            self.is_full
            or self._held[jkt] >= self._share
            or (is_stranger and self._strangers >= self._places - self._places // 2)
        ):
            raise OverloadedError
        self.in_hand += 1
        self._held[jkt] += 1
        self._strangers += is_stranger
        try:
            yield
        finally:
            self.in_hand -= 1
            self._strangers -= is_stranger
            self._held[jkt] -= 1
            if not self._held[jkt]:
                del self._held[jkt]

    def vouch(self, jkt: bytes) -> None:
        """Remember that the database took a token with this key for alive."""
        self._vouched.pop(jkt, None)
        self._vouched[jkt] = None
        if len(self._vouched) > _VOUCHED:
            del self._vouched[next(iter(self._vouched))]
