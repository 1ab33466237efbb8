"""The bar of an import: on a terminal, on standard error, and nowhere else."""

import contextlib
import io
import os
import threading

import pytest

from rempart.cli.feed_intake import _progress_bar


def shown(columns: str) -> str:
    """What a terminal gets while an import tells how far it is."""
    ours, theirs = os.openpty()
    got = bytearray()

    def listen() -> None:
        with contextlib.suppress(OSError):
            while some := os.read(ours, 4096):
                got.extend(some)

    listener = threading.Thread(target=listen)
    listener.start()
    with (
        pytest.MonkeyPatch.context() as patch,
        open(theirs, "w", encoding="utf-8") as terminal,  # noqa: PTH123 - a descriptor
        contextlib.redirect_stderr(terminal),
        contextlib.redirect_stdout(io.StringIO()) as out,
    ):
        patch.setenv("TERM", "xterm-256color")
        patch.setenv("COLUMNS", columns)
        with _progress_bar() as tell:
            assert tell is not None
            for staged in (0, 2500, 5000):
                tell(staged, 5000)
    listener.join(10)
    os.close(ours)
    assert out.getvalue() == ""
    return got.decode()


def test_a_terminal_sees_how_far_it_is() -> None:
    text = shown("80")
    assert "staged" in text
    assert "100%" in text
    # And nothing of it stays when it is done: the line is wiped.
    assert text.rstrip().endswith("\x1b[2K")


def test_a_script_sees_nothing_of_it() -> None:
    with contextlib.redirect_stderr(io.StringIO()) as said, _progress_bar() as tell:
        assert tell is None
    assert said.getvalue() == ""
