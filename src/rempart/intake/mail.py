"""Writes to an insurer whose feed was refused: counts and where the report is, and no value."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from typing import Final
from urllib.parse import unquote, urlsplit

from rempart.foundation.errors import UnavailableError
from rempart.foundation.setting_kinds import LOOPBACK
from rempart.foundation.texts import Language, texts

_TIMEOUT_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says, and to whom."""

    upload_id: int
    name: str
    state: str
    address: str
    language: Language
    report_url: str
    refused: int
    ended: int
    before: int
    renamed: int


@dataclass(frozen=True, slots=True, repr=False)
class MailServer:
    """A mail server: ``smtps://`` speaks TLS from the first byte, ``smtp://`` by STARTTLS.

    Without TLS nothing is sent, but to this very machine. The password is the keyring's.
    """

    url: str
    sender: str
    password: str | None = None

    def send(self, letter: Letter) -> None:
        """Hand one mail over. Raises `UnavailableError`; then it is to be tried again."""
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        context = ssl.create_default_context()
        try:
            if parts.scheme == "smtps":
                with smtplib.SMTP_SSL(
                    host, parts.port or 465, timeout=_TIMEOUT_S, context=context
                ) as server:
                    self._hand_over(server, parts.username, letter)
                return
            with smtplib.SMTP(host, parts.port or 587, timeout=_TIMEOUT_S) as server:
                server.ehlo()
                if host not in LOOPBACK or server.has_extn("starttls"):
                    server.starttls(context=context)
                self._hand_over(server, parts.username, letter)
        except (OSError, smtplib.SMTPException):
            raise UnavailableError("the mail server took no mail") from None

    def _hand_over(self, server: smtplib.SMTP, user: str | None, letter: Letter) -> None:
        if user is not None:
            server.login(unquote(user), self.password or "")
        server.send_message(self.written(letter))

    def written(self, letter: Letter) -> EmailMessage:
        """Write the mail. Its Message-ID is the feed's and state's: a second copy is known."""
        say = texts(letter.language)
        told: dict[str, object] = {
            "name": letter.name,
            "refused": letter.refused,
            "ended": letter.ended,
            "before": letter.before,
            "renamed": letter.renamed,
            "report": letter.report_url,
        }
        mail = EmailMessage()
        mail["From"] = self.sender
        mail["To"] = letter.address
        mail["Subject"] = say(f"mail.{letter.state}.subject", **told)
        mail["Date"] = formatdate()
        domain = self.sender.rpartition("@")[2]
        mail["Message-ID"] = f"<feed-{letter.upload_id}-{letter.state}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(say(f"mail.{letter.state}.text", **told) + "\n")
        mail["Content-Language"] = (
            letter.language.value
        )  # after: setting content drops such headers
        return mail
