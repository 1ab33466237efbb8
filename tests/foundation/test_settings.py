"""Settings come from the environment, one table says which, and a wrong one stops the start."""

from dataclasses import fields
from pathlib import Path

import pytest

from rempart.foundation.reach import with_login
from rempart.foundation.settings import TABLE, Settings, SettingsError
from rempart.foundation.settings_page import render_page

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_is_the_table() -> None:
    assert (ROOT / "docs" / "config.md").read_text() == render_page()


def test_the_table_is_the_settings() -> None:
    assert [setting.field for setting in TABLE] == [field.name for field in fields(Settings)]


def test_defaults_are_those_of_the_table() -> None:
    shown = Settings.load({}).shown()
    state = Path(".run").absolute()
    for setting in TABLE:
        default = setting.default.replace("REMPART_STATE_DIR", str(state))
        expected = {
            "state_dir": str(state),
            "database_url": None,
            "hsm": None,
            "smtp_url": None,
            "mail_from": None,
            "desk_telephone": None,
            "payer": None,
        }.get(setting.field, default)
        assert str(shown[setting.field]) == str(expected)


def test_every_example_is_understood_and_kept() -> None:
    shown = Settings.load({s.variable: s.example for s in TABLE}).shown()
    assert [str(value) for value in shown.values()] == [s.example for s in TABLE]


def test_what_lies_in_the_state_folder_follows_it() -> None:
    found = Settings.load({"REMPART_STATE_DIR": "somewhere", "OTHER": "x"})
    assert found.state_dir == Path("somewhere").absolute()
    assert found.keyring == found.state_dir / "keyring"
    assert found.blinding_socket == found.state_dir / "blinding.sock"


@pytest.mark.parametrize("name", ["REMPART_", "REMPART_STATEDIR", "REMPART_KEYRING_FILE"])
def test_an_unknown_variable_stops_the_start(name: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} is not a setting") as raised:
        Settings.load({name: "CANARY"})
    assert "CANARY" not in str(raised.value)


@pytest.mark.parametrize(
    "name,value",
    [
        ("STATE_DIR", ""),
        ("STATE_DIR", "  "),
        ("STATE_DIR", "CANARY\0"),
        ("DATABASE_URL", "CANARY"),
        ("DATABASE_URL", "mysql://host/CANARY"),
        ("DATABASE_URL", "postgresql://CANARY:pw@host/db"),
        ("DATABASE_URL", "postgresql://host/db?user=CANARY"),
        ("DATABASE_URL", "postgresql://host/db?password=CANARY"),
        ("DATABASE_URL", "postgresql://host:CANARY/db"),
        ("DATABASE_URL", "postgresql://host"),
        ("PUBLIC_URL", "CANARY"),
        ("PUBLIC_URL", "ftp://CANARY"),
        ("PUBLIC_URL", "https://[CANARY"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "http://CANARY.example.org"),
        ("SIGNIN_URL", "https://host/CANARY"),
        ("SIGNIN_URL", "https://host?CANARY"),
        ("SIGNIN_URL", "https://CANARY@host"),
        ("LOG_LEVEL", "CANARY"),
        ("EDGE_WORKERS", "CANARY"),
        ("EDGE_WORKERS", "0"),
        ("EDGE_WORKERS", "257"),
        ("EDGE_WORKERS", "-1"),
        ("EDGE_WORKERS", "²"),
    ],
)
def test_a_wrong_value_is_named_and_not_repeated(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^REMPART_{name} ") as raised:
        Settings.load({f"REMPART_{name}": value})
    seen: BaseException | None = raised.value
    while seen is not None:
        assert "CANARY" not in str(seen)
        seen = seen.__cause__


def test_addresses_lose_what_does_not_count() -> None:
    found = Settings.load({"REMPART_PUBLIC_URL": "HTTPS://Host.example:8443/"})
    assert found.public_url == "https://host.example:8443"


def test_a_login_is_escaped() -> None:
    found = with_login("postgresql://db:5432/rempart?sslmode=require", "a:b", "p/w@")
    assert found == "postgresql://a%3Ab:p%2Fw%40@db:5432/rempart?sslmode=require"
