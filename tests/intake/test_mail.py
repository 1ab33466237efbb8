"""Mails leave by TLS or not at all, hold no value, and end no header early."""

import pytest

from rempart.foundation.errors import BadInputError, UnavailableError
from rempart.foundation.processes import free_port
from rempart.foundation.settings import Settings, SettingsError
from rempart.foundation.texts import Language
from rempart.intake import MailServer, set_contact
from rempart.intake.mail import Letter
from tests.intake.premises import Mails, mail_server


def letter(state: str = "refused", language: Language = Language.ENGLISH) -> Letter:
    return Letter(
        7, "2026-11", state, "flux@example.org", language, "http://x/v1/feeds/2026-11", 3, 8, 20, 5
    )


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("state", ["refused", "needs_confirmation", "needs_go_ahead"])
def test_a_mail_says_which_feed_how_many_and_where(state: str, language: Language) -> None:
    mail = MailServer("smtp://localhost", "rempart@example.org").written(letter(state, language))
    text = mail.get_content()
    assert "2026-11" in str(mail["Subject"])
    assert "http://x/v1/feeds/2026-11" in text
    figures = {"refused": ["3"], "needs_confirmation": ["20", "8"], "needs_go_ahead": ["5"]}[state]
    assert all(f"{figure}" in text for figure in figures)
    assert "{" not in text
    assert mail["Message-ID"] == f"<feed-7-{state}@example.org>"
    assert (mail["Content-Language"], mail["Auto-Submitted"]) == (language.value, "auto-generated")
    assert mail.get_content_type() == "text/plain"


def test_without_tls_nothing_leaves_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same server, which has no TLS: taken by the name of this machine, refused by another."""
    mails = Mails()
    with mail_server(mails) as port:
        MailServer(f"smtp://localhost:{port}", "rempart@example.org").send(letter())
        assert len(mails.received) == 1
        # Another name of the same address: what is not known to be this machine is not.
        monkeypatch.setattr("rempart.intake.mail.LOOPBACK", ())
        for scheme in ("smtp", "smtps"):
            with pytest.raises(UnavailableError):
                MailServer(f"{scheme}://localhost:{port}", "rempart@example.org").send(letter())
        assert len(mails.received) == 1


def test_a_server_that_is_away_or_busy_is_to_be_tried_again() -> None:
    with pytest.raises(UnavailableError):
        MailServer(f"smtp://localhost:{free_port()}", "rempart@example.org").send(letter())
    mails = Mails(refuses=1)
    with mail_server(mails) as port:
        server = MailServer(f"smtp://localhost:{port}", "rempart@example.org")
        with pytest.raises(UnavailableError):
            server.send(letter())
        server.send(letter())
    assert len(mails.received) == 1


@pytest.mark.parametrize(
    "address", ["a@b", "a b@example.org", "a@example.org\nBcc: x@y.org", "a@example.org,b", ""]
)
@pytest.mark.anyio
async def test_an_address_is_plain(address: str) -> None:
    with pytest.raises(BadInputError) as raised:
        await set_contact(None, "990001", address, Language.FRENCH)  # type: ignore[arg-type]  # not reached
    assert not address or address not in str(raised.value)


@pytest.mark.parametrize(
    "name,value",
    [
        ("SMTP_URL", "mail.example.org"),
        ("SMTP_URL", "smtp://user:CANARY@mail.example.org"),
        ("SMTP_URL", "smtp:///x"),
        ("MAIL_FROM", "Rempart <rempart@example.org>"),
        ("MAIL_FROM", "a@b\r\nBcc: c@d"),
    ],
)
def test_settings_of_mail_are_plain(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.load({f"REMPART_{name}": value})
    assert "CANARY" not in str(raised.value)
