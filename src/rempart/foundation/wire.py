"""A connection's socket, seen from beside the library that owns it."""

import os
import select
import socket


def has_word(descriptor: int) -> bool:
    """Whether there is something to read: on a line at rest, its other side's farewell."""
    looked = select.poll()
    looked.register(descriptor, select.POLLIN)
    return bool(looked.poll(0))


def cut(descriptor: int) -> None:
    """End the line both ways, so that whatever waits on it fails."""
    # A second descriptor of the same socket: the library's own stays the library's to close.
    with socket.socket(fileno=os.dup(descriptor)) as wire:
        try:
            wire.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # the other side was quicker
