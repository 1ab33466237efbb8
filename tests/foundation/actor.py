"""A process that holds an embedded database and does what it is told; the tests run it as others.

Each line of standard input is a word of the protocol; each gets one line of JSON back.
"""

import json
import subprocess
import sys
from pathlib import Path

from rempart.foundation.embedded import EmbeddedPostgres
from rempart.foundation.errors import RempartError
from rempart.foundation.keyring import FileKeyring


def sql(server: EmbeddedPostgres, text: str) -> str:
    """Run a statement as the superuser and return what it shows."""
    keyring = FileKeyring.open(server.data_dir.parents[1] / "keyring")
    dsn = server.dsn(server.superuser, keyring.ensure_password(server.superuser))
    done = subprocess.run(
        [server.binary("psql"), "-X", "-A", "-t", "-q", "-d", dsn, "-c", text],
        check=False,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip() + done.stderr.strip()


def obey(server: EmbeddedPostgres, word: str, rest: str) -> object:
    """Do what one line says."""
    match word:
        case "start":
            server.start()
        case "stop":
            server.stop()
        case "erase":
            server.erase()
        case "running":
            return server.running()
        case "sql":
            return sql(server, rest)
        case _:
            raise ValueError(word)
    return True


def main() -> None:
    """Answer until standard input ends."""
    server = EmbeddedPostgres(Path(sys.argv[1]), settings=json.loads(sys.argv[2]))
    for line in sys.stdin:
        word, _, rest = line.strip().partition(" ")
        try:
            said: object = {"said": obey(server, word, rest)}
        except RempartError as error:
            said = {"error": str(error)}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
