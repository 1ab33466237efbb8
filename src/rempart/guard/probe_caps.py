"""Caps for a probe's own account, on a demonstration: what is measured must not end at a cap."""

from rempart.foundation.database import Database


async def widen_caps(desk: Database, kind: int, key: int, *, questions: int, people: int) -> None:
    """Let a key ask so many questions, about so many people new to it; on record as a cap.

    Raises `MisuseError` (RP403) on a database that is not marked as a demonstration.
    """
    await desk.call("guard.widen_caps", kind, key, questions, people)
