"""The embedded server's settings, and what its complaints mean."""

import re
from collections.abc import Mapping
from pathlib import Path

# On the command line, where they win over every file and over ALTER SYSTEM.
OPTIONS: Mapping[str, str] = {
    # Durable: an answer leaves after its commit is on disk.
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    # Reached by the socket alone, by roles with a SCRAM password alone.
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    # No value of a parameter or of a row is ever logged: not by a statement, nor by its error.
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
    "log_duration": "off",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_min_error_statement": "panic",
    "log_min_messages": "log",
    "log_error_verbosity": "terse",
    "log_lock_waits": "off",
    "debug_print_parse": "off",
    "debug_print_rewritten": "off",
    "debug_print_plan": "off",
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_line_prefix": "%m [%p] ",
    "log_timezone": "UTC",
    "timezone": "UTC",
    "datestyle": "ISO, YMD",
    "max_connections": "120",
    "shared_buffers": "128MB",
    "huge_pages": "off",
    "jit": "off",
    "idle_in_transaction_session_timeout": "60s",
}
# What the server says when it can't start, and what we make of it. The first that fits speaks.
REASONS = (
    (r"No space left on device|disk quota", "the disk that holds {root} is full"),
    (
        r"could not bind|Address already in use|could not create any TCP/IP sockets",
        "port {port} is taken by another program",
    ),
    (r"incompatible with server", "{root} was made by another version of PostgreSQL"),
    (r"shared memory|allocate memory", "the machine has too little (shared) memory for the server"),
    (r"unrecognized configuration|invalid value for parameter", "a setting given to it is unknown"),
    (r"Permission denied|wrong ownership", "the server cannot read what is in {root}"),
    (r"Read-only file system", "the disk that holds {root} cannot be written"),
)
# What passes by itself: a server that was killed leaves children that end within moments.
_PASSING = r"is still in use|postmaster.pid|the database system is (starting|shutting)"


def explain(said: str, root: Path, port: str) -> str | None:
    """Return the sentence that fits what PostgreSQL said, or None when none does."""
    for pattern, sentence in REASONS:
        if re.search(pattern, said):
            return sentence.format(root=root, port=port)
    return None


def is_passing(said: str) -> bool:
    """Tell whether what kept the server from starting passes by itself."""
    return re.search(_PASSING, said) is not None
