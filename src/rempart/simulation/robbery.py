"""Lets the thief loose on a real server, over HTTP, as fast as he is answered."""

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from itertools import cycle

from rempart.simulation.population import Person
from rempart.simulation.question import question_about
from rempart.simulation.software import Reply, Software
from rempart.simulation.thief import Answered, ListThief, Refused

_AT_ONCE = 16


@dataclass(slots=True)
class Robbery:
    """What the thief did and got: questions sent, what came back, whom he exposed, how long."""

    asked: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    exposed: frozenset[Person] = frozenset()
    seconds: float = 0.0

    def new_to(self, known: Collection[Person]) -> int:
        """How many of the exposed the robbed place had never asked about."""
        return len(self.exposed - frozenset(known))


@dataclass(frozen=True, slots=True)
class Loot:
    """What the thief stole from one pharmacy: whom its software speaks for, and where."""

    professionals: tuple[str, ...]
    site: str
    domain: str


def rob(
    software: Software,
    loot: Loot,
    leaked: tuple[Person, ...],
    on: date,
    progress: Callable[[int], None],
    *,
    seconds: float = math.inf,
    told: Callable[[Person, Reply], None] | None = None,
) -> Robbery:
    """Ask once about each leaked card, sixteen at a time, taking no notice of being told to wait.

    He shows no card's code: it did not leak. He uses the names of all who work there in turn. He
    begins no question after `seconds`. `told` is called with each reply, one at a time.
    """
    robbery = Robbery()
    thief = ListThief(leaked)
    names = cycle(loot.professionals)
    begun = time.monotonic()
    turn = threading.Lock()
    is_over = threading.Event()

    def keep_asking() -> None:
        while not is_over.is_set():
            with turn:
                now = time.monotonic() - begun
                person = thief.next(now)
                if person is None or robbery.asked == len(leaked) or now >= seconds:
                    return
                robbery.asked += 1
                professional = next(names)
                progress(robbery.asked)
            question = question_about(
                person, domain=loot.domain, on=on, professional=professional, site=loot.site
            )
            reply = software.ask(question)
            with turn:
                thief.learn(person, _result(reply, robbery), time.monotonic() - begun)
                if told is not None:
                    told(person, reply)

    _together(keep_asking, is_over)
    robbery.exposed = frozenset(thief.exposed)
    robbery.seconds = time.monotonic() - begun
    return robbery


def _together(work: Callable[[], None], is_over: threading.Event) -> None:
    with ThreadPoolExecutor(_AT_ONCE) as crew:
        try:
            for done in [crew.submit(work) for _ in range(_AT_ONCE)]:
                done.result()
        finally:
            # On a fault or Ctrl-C the others stop at their next question.
            is_over.set()


def _result(reply: Reply, robbery: Robbery) -> Answered | Refused:
    if reply.outcome is not None:
        robbery.outcomes[reply.outcome] += 1
        return Answered(reply.outcome)
    robbery.refusals[reply.refused_because or ""] += 1
    return Refused(reply.retry_after_s or 0.0)
