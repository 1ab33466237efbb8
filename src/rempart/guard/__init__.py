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
from rempart.guard.probe_caps import widen_caps

__all__ = [
    "EFFECTIVE_WITHIN_S",
    "Closed",
    "GateRefusal",
    "Scope",
    "close_gate",
    "list_gates",
    "open_gate",
    "read_officer",
    "read_reason",
    "wait_until_effective",
    "widen_caps",
]
