"""Logs say what happened and where, and hold no value."""

import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from rempart.foundation import logs

CANARY = "283047512345678"


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level, sys.excepthook, threading.excepthook)
    configured = structlog.get_config()
    stream = io.StringIO()
    logs.configure("info", stream)
    yield stream
    root.handlers[:], root.level, sys.excepthook, threading.excepthook = before
    logging.captureWarnings(capture=False)
    structlog.configure(**configured)


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    text = out.getvalue()
    assert CANARY not in text
    return [json.loads(line) for line in text.splitlines()]


def raise_something() -> None:
    member = CANARY
    raise ValueError(f"no such member: {member}")


def test_only_keys_on_the_list_pass(out: io.StringIO) -> None:
    log = structlog.get_logger()
    log.info("answered", route="/v1/x", status=200, member=CANARY, birth=CANARY)
    log.debug("not said at this level")
    (line,) = lines(out)
    assert line.pop("timestamp").endswith("Z")
    expected = {"event": "answered", "level": "info", "route": "/v1/x", "status": 200, "dropped": 2}
    assert line == expected


@pytest.mark.parametrize("value", [[CANARY], {"a": CANARY}, CANARY.encode(), CANARY * 20])
def test_only_short_plain_values_pass(out: io.StringIO, value: object) -> None:
    structlog.get_logger().info("answered", route=value)
    (line,) = lines(out)
    assert "route" not in line
    assert line["dropped"] == 1


def test_an_exception_is_told_by_type_and_place(out: io.StringIO) -> None:
    log = structlog.get_logger()
    try:
        try:
            raise_something()
        except ValueError as error:
            raise KeyError(CANARY) from error
    except KeyError as error:
        log.exception("a fault")
        log.exception("a fault", exc_info=error)
        log.exception("a fault", exc_info=(type(error), error, error.__traceback__))
    for line in lines(out):
        outer, inner = line["exception"]
        assert outer["type"] == "builtins.KeyError"
        assert inner["type"] == "builtins.ValueError"
        assert inner["frames"][-1].startswith("test_logs.py:")
        assert inner["frames"][-1].endswith(":raise_something")


def test_an_exception_hidden_on_purpose_stays_hidden(out: io.StringIO) -> None:
    try:
        try:
            raise_something()
        except ValueError:
            raise KeyError(CANARY) from None
    except KeyError:
        structlog.get_logger().exception("a fault")
    assert len(lines(out)[0]["exception"]) == 1


def test_a_library_is_quoted_by_place_alone(out: io.StringIO) -> None:
    library = logging.getLogger("some.library")
    library.warning("bad member %s", CANARY)
    library.error(f"bad member {CANARY}")
    library.info("quiet")
    warned, failed = lines(out)
    assert warned["logger"] == "some.library"
    assert warned["level"] == "warning"
    assert failed["level"] == "error"
    assert ":test_a_library_is_quoted_by_place_alone" in failed["line"]


def test_a_warning_is_quoted_by_place_alone(out: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn(CANARY, UserWarning, stacklevel=1)
    assert lines(out)[0]["logger"] == "py.warnings"


@pytest.mark.filterwarnings("default::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_nobody_catches_is_told_without_its_text(out: io.StringIO) -> None:
    try:
        raise_something()
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    thread = threading.Thread(target=raise_something)
    hook, threading.excepthook = threading.excepthook, logs._log_uncaught_in_thread
    thread.start()
    thread.join()
    threading.excepthook = hook
    told = [line["event"] for line in lines(out)]
    assert told == ["a fault ended the process", "a fault ended a thread"]


def test_an_interruption_is_no_fault(out: io.StringIO) -> None:
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert lines(out) == []


def test_standard_error_is_where_logs_go(
    out: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("error")
    structlog.get_logger().error("told")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert json.loads(captured.err)["event"] == "told"


def test_file_names_are_shortened() -> None:
    assert logs._short("/a/site-packages/lib/x.py") == "lib/x.py"
    assert logs._short("/a/src/rempart/x.py") == "rempart/x.py"
    assert logs._short("/a/b/x.py") == "x.py"
