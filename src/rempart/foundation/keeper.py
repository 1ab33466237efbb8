"""The embedded server's parent, a program of its own: stops it when nobody holds it any more.

Started by `embedded_server` as ``python -I -S keeper.py JSON``, with the standard library alone.
It lives in no session of its caller's, so that neither Ctrl-C nor the end of one holder ends the
server that others still use. Descriptors that it is given:

* ``keeper``: the keeper's lock, already taken; the kernel frees it when this process ends,
  however it ends, and then a server may be started again;
* ``holders``: each process that uses the server keeps a shared lock on that file; an exclusive
  lock is therefore granted when the last of them has gone, kill -9 included;
* ``status``: a pipe on which the starter waits; it closes when this process ends.
"""

import ctypes
import fcntl
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time

_PR_SET_PDEATHSIG = 1
_FAST_STOP_SECONDS = 60.0
_QUICK_STOP_SECONDS = 10.0


def keep(orders: dict[str, object]) -> int:
    """Start the server named by ``argv``, wait, and stop it; return its exit status."""
    # 1. Nothing that the server holds may reach a core file or another user.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(0o077)
    # 2. The server, from the main thread: the kernel ties its life to that thread's.
    libc = ctypes.CDLL(None)
    mine = os.getpid()

    def die_with_the_keeper() -> None:
        if sys.platform == "linux":
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
            if os.getppid() != mine:
                os._exit(1)

    argv = [str(word) for word in _list(orders["argv"])]
    server = subprocess.Popen(argv, stdin=subprocess.DEVNULL, preexec_fn=die_with_the_keeper)  # noqa: PLW1509 - no thread runs yet
    # 3. Whoever gets this lock is alone: then the server has no holder left.
    waiter = threading.Thread(target=_stop_when_unheld, args=(server, orders), daemon=True)
    waiter.start()
    return server.wait()


def linger(orders: dict[str, object]) -> int:
    """Hold the server for ``seconds`` more by a lock inherited, or until the file ``let_go`` is."""
    seconds, let_go = orders["seconds"], str(orders["let_go"])
    if not isinstance(seconds, int):
        raise TypeError
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not os.path.exists(let_go):  # noqa: PTH110 - pathlib would double this program's start
        time.sleep(0.1)
    return 0


def become_independent(orders: dict[str, object]) -> None:
    """Leave the caller's hands, and root's rights."""
    # The caller's child ends here, and init adopts this one.
    if os.fork():
        os._exit(0)
    uid, gid = orders["uid"], orders["gid"]
    if isinstance(uid, int) and isinstance(gid, int) and os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)


def main(orders: dict[str, object]) -> int:
    """Do what is ordered."""
    become_independent(orders)
    return linger(orders) if "let_go" in orders else keep(orders)


def _stop_when_unheld(server: subprocess.Popen[bytes], orders: dict[str, object]) -> None:
    holders = orders["holders"]
    if not isinstance(holders, int):
        raise TypeError
    fcntl.flock(holders, fcntl.LOCK_EX)
    for ask, patience in (
        (signal.SIGINT, _FAST_STOP_SECONDS),
        (signal.SIGQUIT, _QUICK_STOP_SECONDS),
        (signal.SIGKILL, None),
    ):
        server.send_signal(ask)
        try:
            server.wait(patience)
        except subprocess.TimeoutExpired:
            continue
        return


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError
    return value


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
