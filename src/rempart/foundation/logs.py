"""Writes logs as JSON lines that hold no value: only listed keys pass, and no exception's text."""

import logging
import sys
import threading
import traceback
from types import TracebackType
from typing import TextIO

import structlog
from structlog.typing import EventDict, ExcInfo, WrappedLogger

from rempart.foundation.log_stream import steady

# What a log may say. A key that is not here is dropped, and the line says how many were.
# Nothing here is ever a person's, a card's, a token's or an address's.
ALLOWED_KEYS = frozenset(
    {
        "count",
        "dropped",
        "entries",
        "event",
        "exception",
        "function",
        "key",
        "level",
        "line",
        "logger",
        "method",
        "milliseconds",
        "pid",
        "port",
        "process",
        "request_id",
        "role",
        "route",
        "seconds",
        "setting",
        "sqlstate",
        "status",
        "timestamp",
        "version",
    }
)
_LONGEST_TEXT = 200
_MOST_FRAMES = 40


def configure(level: str, stream: TextIO | None = None) -> None:
    """Send every log of this process to `stream` (standard error) as one JSON object a line.

    `level` is a setting's `log_level`. Libraries' logs pass too, without their messages, which
    may hold values: they say which logger and which line spoke. Whoever reads no line, or has no
    room for one, holds nobody up.
    """
    out = steady(sys.stderr if stream is None else stream)
    least = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            describe_exception,
            drop_what_is_not_allowed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.WriteLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [_LibraryLogs()]
    root.setLevel(max(least, logging.WARNING))
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread


def describe_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Put types and frames in the place of an exception: no message, no source line, no locals."""
    given: ExcInfo | BaseException | bool | None = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["exception"] = _described(error)
    return event


def drop_what_is_not_allowed(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Keep the keys that are allowed, where their values are short and plain."""
    kept = {
        key: value
        for key, value in event.items()
        if key in ALLOWED_KEYS and (key == "exception" or _is_plain(value))
    }
    if len(kept) < len(event):
        kept["dropped"] = len(event) - len(kept)
    return kept


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONGEST_TEXT
    return value is None or isinstance(value, bool | int | float)


def _described(error: BaseException) -> list[dict[str, object]]:
    """Return the exception and its causes, outermost first: a type's name and frames each."""
    found: list[dict[str, object]] = []
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        kind = type(cause)
        found.append(
            {
                "type": f"{kind.__module__}.{kind.__qualname__}",
                "frames": _frames(cause.__traceback__),
            }
        )
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return found


def _frames(trace: TracebackType | None) -> list[str]:
    return [
        f"{_short(frame.f_code.co_filename)}:{line}:{frame.f_code.co_qualname}"
        for frame, line in traceback.walk_tb(trace)
    ][-_MOST_FRAMES:]


def _short(filename: str) -> str:
    for folder in ("/site-packages/", "/src/"):
        if folder in filename:
            return filename.rpartition(folder)[2]
    return filename.rpartition("/")[2]


class _LibraryLogs(logging.Handler):
    """Passes on that a library spoke, and where; what it said may hold values."""

    def emit(self, record: logging.LogRecord) -> None:
        log: structlog.typing.FilteringBoundLogger = structlog.get_logger()
        log.log(
            record.levelno,
            "a library spoke",
            logger=record.name,
            line=f"{_short(record.pathname)}:{record.lineno}:{record.funcName}",
            exc_info=record.exc_info,
        )


def _log_uncaught(
    kind: type[BaseException], error: BaseException, _trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    log: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    log.critical("a fault ended the process", exc_info=error)


def _log_uncaught_in_thread(fault: threading.ExceptHookArgs) -> None:
    log: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    log.critical("a fault ended a thread", exc_info=fault.exc_value)
