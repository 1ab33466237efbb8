"""Feeds that insurers send by themselves: received in parts, taken in, reported, told by mail."""

from rempart.intake.blinding import blinding_at
from rempart.intake.contact import set_contact
from rempart.intake.mail import MailServer
from rempart.intake.receiving import (
    FEED_LIMIT,
    NAME,
    PART_LIMIT,
    Part,
    PartRefusal,
    Problem,
    Receiving,
    Report,
    Sender,
)
from rempart.intake.renaming import (
    Answered,
    RenamingRefusal,
    Waiting,
    answer_renaming,
    fingerprint_of,
    list_answered,
    list_waiting,
)
from rempart.intake.spool import Spool

__all__ = [
    "FEED_LIMIT",
    "NAME",
    "PART_LIMIT",
    "Answered",
    "MailServer",
    "Part",
    "PartRefusal",
    "Problem",
    "Receiving",
    "RenamingRefusal",
    "Report",
    "Sender",
    "Spool",
    "Waiting",
    "answer_renaming",
    "blinding_at",
    "fingerprint_of",
    "list_answered",
    "list_waiting",
    "set_contact",
]
