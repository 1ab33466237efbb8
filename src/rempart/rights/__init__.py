"""The main job: a question about one person, answered only once it is charged and on record."""

from rempart.rights.activity import DAYS, REFUSED, Activity, Noted, Noticed, Wanted
from rempart.rights.answer import Answer, Outcome, Receipt, Refusal, RefusedBecause
from rempart.rights.asker import Asker
from rempart.rights.blinding import (
    BlindingClient,
    BlindingProcess,
    Purpose,
    blinding_command,
)
from rempart.rights.blinding_process import LAST_GENERATION
from rempart.rights.closures import Closure, Closures, PublicClosure
from rempart.rights.exceptions import Exceptions, ListedException
from rempart.rights.generations import LiveGenerations
from rempart.rights.held import HeldAnswer, HeldReceipt, check_held, read_held
from rempart.rights.lane import Lane
from rempart.rights.levels import Level, Levels
from rempart.rights.outer_keys import (
    held_generations,
    keys_of,
    note_name,
    outer_key_names,
    refuse_missing,
    refuse_two_homes,
    settle_home,
    turning_key_names,
)
from rempart.rights.oversight import Alert, DayCount, Oversight
from rempart.rights.question import (
    DOMAINS,
    EVIDENCE,
    Excepted,
    ExceptionReason,
    Presented,
    Question,
)
from rempart.rights.quote import QuotedLine, Quoting
from rempart.rights.room import Room

__all__ = [
    "DAYS",
    "DOMAINS",
    "EVIDENCE",
    "LAST_GENERATION",
    "REFUSED",
    "Activity",
    "Alert",
    "Answer",
    "Asker",
    "BlindingClient",
    "BlindingProcess",
    "Closure",
    "Closures",
    "DayCount",
    "Excepted",
    "ExceptionReason",
    "Exceptions",
    "HeldAnswer",
    "HeldReceipt",
    "Lane",
    "Level",
    "Levels",
    "ListedException",
    "LiveGenerations",
    "Noted",
    "Noticed",
    "Outcome",
    "Oversight",
    "Presented",
    "PublicClosure",
    "Purpose",
    "Question",
    "QuotedLine",
    "Quoting",
    "Receipt",
    "Refusal",
    "RefusedBecause",
    "Room",
    "Wanted",
    "blinding_command",
    "check_held",
    "held_generations",
    "keys_of",
    "note_name",
    "outer_key_names",
    "read_held",
    "refuse_missing",
    "refuse_two_homes",
    "settle_home",
    "turning_key_names",
]
