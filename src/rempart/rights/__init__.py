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
from rempart.rights.closures import Closure, Closures, PublicClosure
from rempart.rights.exceptions import Exceptions, ListedException
from rempart.rights.held import HeldAnswer, HeldReceipt, check_held, read_held
from rempart.rights.lane import Lane
from rempart.rights.levels import Level, Levels
from rempart.rights.outer_keys import OUTER_KEYS, refuse_two_homes, settle_home
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
    "OUTER_KEYS",
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
    "read_held",
    "refuse_two_homes",
    "settle_home",
]
