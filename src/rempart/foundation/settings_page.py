"""Renders docs/config.md from the table of settings, so that the page cannot be wrong."""

from rempart.foundation.settings import TABLE

_HEAD = """\
# Settings

<!-- Made by rempart.foundation.settings_page from the table of settings: change that table. -->

Rempart is set by environment variables and by nothing else. It refuses to start on a `REMPART_…`
variable that it doesn't know, on an empty one and on one that it can't understand; the message
names the variable and never shows its value. There is no name of an environment ("production",
"development") that would change what it does.

No setting is secret. Keys, database passwords and the mail server's password live in the keyring
(`REMPART_KEYRING`).

| Variable | Kind | Default | What it is | Example |
|---|---|---|---|---|
"""

_TAIL = """
`rempart config check` reads the settings as the platform would, checks them and prints them.

When `REMPART_DATABASE_URL` isn't set, Rempart runs a PostgreSQL of its own under
`REMPART_STATE_DIR`: [decision 0001](decisions/0001-embedded-postgresql.md) says how.

`rempart db upgrade` brings the database to this version (roles, migrations, functions, grants), and
makes the embedded one when there is none. On a database of your own, the role `rempart_migrator`
must exist and be a superuser, and the keyring must hold its password as
`password.rempart_migrator`; the passwords of the other roles are made.
"""


def render_page() -> str:
    """Return the whole of docs/config.md."""
    rows = [
        f"| `{s.variable}` | {s.kind} | {_code(s.default)} | {s.doc} | `{s.example}` |"
        for s in TABLE
    ]
    return _HEAD + "\n".join(rows) + "\n" + _TAIL


def _code(default: str) -> str:
    return default if " " in default else f"`{default}`"
