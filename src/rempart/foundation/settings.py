"""The one table of settings: read from the environment once, and the source of docs/config.md."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

from rempart.foundation.setting_kinds import (
    LOG_LEVELS,
    read_address,
    read_database,
    read_hsm,
    read_log_level,
    read_mail_address,
    read_mail_server,
    read_number,
    read_path,
    read_telephone,
)

_PREFIX = "REMPART_"


class SettingsError(ValueError):
    """A setting is unknown or cannot be understood. Names the variable, never its value."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table: a field of `Settings` and the variable that sets it."""

    field: str
    kind: str
    default: str
    doc: str
    example: str
    # Takes the text given; raises ValueError with the reason, which never holds that text.
    read: Callable[[str], object]

    @property
    def variable(self) -> str:
        """The environment variable's name."""
        return _PREFIX + self.field.upper()


TABLE: tuple[Setting, ...] = (
    Setting(
        "state_dir",
        "directory",
        ".run",
        "Where what must last is kept: the keyring, the embedded database, sockets.",
        "/srv/rempart",
        read_path,
    ),
    Setting(
        "database_url",
        "address",
        "the embedded database",
        "A PostgreSQL (15 or later) of your own, without user or password.",
        "postgresql://db.example.org:5432/rempart?sslmode=verify-full",
        read_database,
    ),
    Setting(
        "keyring",
        "directory",
        "REMPART_STATE_DIR/keyring",
        "The keyring: a directory of mode 0700 with one file of mode 0600 per key.",
        "/etc/rempart/keyring",
        read_path,
    ),
    Setting(
        "hsm",
        "PKCS#11 URI",
        "the keyring holds the outer keys",
        "The token that holds the outer index keys (docs/blinding.md); its PIN lies in a file.",
        "pkcs11:token=rempart?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/etc/pin",
        read_hsm,
    ),
    Setting(
        "public_url",
        "address",
        "http://localhost:8765",
        "Where clients reach the edge; what their proofs must name. HTTPS unless on localhost.",
        "https://rempart.example.org",
        read_address,
    ),
    Setting(
        "signin_url",
        "address",
        "http://localhost:8766",
        "Where clients reach sign-in; what their proofs must name. HTTPS unless on localhost.",
        "https://signin.rempart.example.org",
        read_address,
    ),
    Setting(
        "blinding_socket",
        "file",
        "REMPART_STATE_DIR/blinding.sock",
        "The Unix socket on which the blinding process answers the edge.",
        "/run/rempart/blinding.sock",
        read_path,
    ),
    Setting(
        "intake_url",
        "address",
        "http://localhost:8767",
        "Where insurers send their feeds; what their proofs must name. HTTPS unless on localhost.",
        "https://intake.rempart.example.org",
        read_address,
    ),
    Setting(
        "spool",
        "directory",
        "REMPART_STATE_DIR/spool",
        "Where feeds lie until they are taken in: mode 0700, on a disk with room for the largest.",
        "/srv/rempart-spool",
        read_path,
    ),
    Setting(
        "smtp_url",
        "address",
        "no mail is sent",
        "The mail server; `smtp` is with STARTTLS. A user's password is the key `smtp_password`.",
        "smtps://rempart@mail.example.org:465",
        read_mail_server,
    ),
    Setting(
        "mail_from",
        "address",
        "no mail is sent",
        "From whom insurers get mail about their feeds.",
        "rempart@example.org",
        read_mail_address,
    ),
    Setting(
        "desk_telephone",
        "telephone",
        "said to be in the contract",
        "The security desk's number, as pages show it when something is closed.",
        "+33 1 99 00 12 34",
        read_telephone,
    ),
    Setting(
        "log_level",
        "word",
        "info",
        f"The least level that is logged: {', '.join(LOG_LEVELS)}.",
        "warning",
        read_log_level,
    ),
    Setting(
        "edge_workers",
        "number",
        "1",
        "How many processes answer at the edge, 1 to 256.",
        "4",
        read_number(1, 256),
    ),
    Setting(
        "edge_questions",
        "number",
        "256",
        "How many questions each of these processes may have in hand, 8 to 1024, one installation"
        " an eighth of them. Whoever comes past that is refused at once (503, `overloaded`).",
        "128",
        read_number(8, 1024),
    ),
    Setting(
        "release_grid_ms",
        "number",
        "0",
        "Answers to questions leave only at whole steps of so many milliseconds since they were"
        " asked, 0 to 1000; 0 is off. What it costs: docs/timing.md.",
        "25",
        read_number(0, 1000),
    ),
    Setting(
        "purge_hour",
        "number",
        "3",
        "The hour of the night, in Paris, after which what has ended is erased, 0 to 23.",
        "2",
        read_number(0, 23),
    ),
    Setting(
        "purge_payload_months",
        "number",
        "36",
        "For how many months what opens an entry is kept, 6 to 60; the entry stays.",
        "24",
        read_number(6, 60),
    ),
    Setting(
        "payer",
        "file",
        "nothing is paid",
        "Whose account pays: TOML with `name`, `iban`, `bic`, perhaps `hour` (docs/money.md).",
        "/etc/rempart/payer.toml",
        read_path,
    ),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. None of it is secret: secrets live in the keyring."""

    state_dir: Path
    database_url: str | None
    keyring: Path
    hsm: str | None
    public_url: str
    signin_url: str
    blinding_socket: Path
    intake_url: str
    spool: Path
    smtp_url: str | None
    mail_from: str | None
    desk_telephone: str | None
    log_level: str
    edge_workers: int
    edge_questions: int
    release_grid_ms: int
    purge_hour: int
    purge_payload_months: int
    payer: Path | None

    @classmethod
    def load(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read the environment; raise `SettingsError` for what is unknown or malformed."""
        _refuse_unknown(environ)
        given = {
            setting.field: _read(setting, environ[setting.variable])
            for setting in TABLE
            if setting.variable in environ
        }
        state_dir = given.get("state_dir", read_path(".run"))
        if not isinstance(state_dir, Path):
            raise TypeError
        values: dict[str, object] = {
            **dict.fromkeys(one.name for one in fields(cls)),
            "state_dir": state_dir,
            "keyring": state_dir / "keyring",
            "public_url": "http://localhost:8765",
            "signin_url": "http://localhost:8766",
            "blinding_socket": state_dir / "blinding.sock",
            "intake_url": "http://localhost:8767",
            "spool": state_dir / "spool",
            "log_level": "info",
            "edge_workers": 1,
            "edge_questions": 256,
            "release_grid_ms": 0,
            "purge_hour": 3,
            "purge_payload_months": 36,
        }
        return cls(**(values | given))  # type: ignore[arg-type]  # each reader returns its field's type

    @property
    def portal_signin_url(self) -> str:
        """Where the portal's page reaches sign-in: the cookie that it sets is for one host only.

        On the portal's host, at a port of its own, as in a try-out; else behind the portal's own
        address, where a reverse proxy passes ``/v1/signin/`` on.
        """
        same = urlsplit(self.signin_url).hostname == urlsplit(self.public_url).hostname
        return self.signin_url if same else self.public_url

    @property
    def letters_dir(self) -> Path:
        """The print queue: letters with codes that stand nowhere else."""
        return self.state_dir / "letters"

    def shown(self) -> dict[str, object]:
        """Return the values as JSON can hold them, in the table's order."""
        found: dict[str, object] = {}
        for field in fields(self):
            value: object = getattr(self, field.name)
            found[field.name] = str(value) if isinstance(value, Path) else value
        return found


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = {setting.variable for setting in TABLE}
    unknown = sorted(n for n in environ if n.startswith(_PREFIX) and n not in known)
    if unknown:
        raise SettingsError(
            f"{unknown[0]} is not a setting of Rempart: docs/config.md lists those that are"
        )


def _read(setting: Setting, text: str) -> object:
    if not text.strip():
        raise SettingsError(f"{setting.variable} is empty: give it a value or leave it out")
    if "\0" in text or "\n" in text:
        raise SettingsError(f"{setting.variable} holds a character that it cannot hold")
    try:
        return setting.read(text)
    except ValueError as error:
        raise SettingsError(f"{setting.variable} {error}") from error
