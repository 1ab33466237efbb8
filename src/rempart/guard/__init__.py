"""How much anyone may learn: guard time, budgets, who was met (in SQL); gates and holds."""

from rempart.guard.gates import (
    EFFECTIVE_WITHIN_S,
    Closed,
    GateRefusal,
    Scope,
    close_gate,
    list_gates,
    open_gate,
    read_officer,
    read_reason,
    wait_until_effective,
)
from rempart.guard.holds import (
    Nonce,
    Officer,
    Signed,
    add_officer,
    draw_nonce,
    ease_hold,
    list_officers,
    place_hold,
    release_hold,
    remove_officer,
)
from rempart.guard.probe_caps import widen_caps
from rempart.guard.tenths import end_tenths

__all__ = [
    "EFFECTIVE_WITHIN_S",
    "Closed",
    "GateRefusal",
    "Nonce",
    "Officer",
    "Scope",
    "Signed",
    "add_officer",
    "close_gate",
    "draw_nonce",
    "ease_hold",
    "end_tenths",
    "list_gates",
    "list_officers",
    "open_gate",
    "place_hold",
    "read_officer",
    "read_reason",
    "release_hold",
    "remove_officer",
    "wait_until_effective",
    "widen_caps",
]
