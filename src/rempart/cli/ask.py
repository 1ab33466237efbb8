"""`rempart ask`: asks one question over HTTP, as a professional's software does."""

import os
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from rempart.cli.output import OK, REFUSED, WRONG_USAGE, Json, emit, load_settings
from rempart.cli.refused import show_refusal, told_refusal
from rempart.foundation.errors import BadInputError, UnavailableError
from rempart.foundation.texts import from_environment, texts

if TYPE_CHECKING:
    from rempart.simulation.installation import Installation
    from rempart.simulation.question import Question
    from rempart.simulation.sample_cards import SampleCard
    from rempart.simulation.software import Addresses, Reply

_ANSWER_KEYS = ("outcome", "rate_bp", "amount_cents", "ceiling_cents", "engagement", "expires_on")
# Statuses that say that a question is written wrongly; the other refusals are decisions.
_WRITTEN_WRONG = (400, 413, 415, 422)
_CARE_WINDOW = "care_date_out_of_window"


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("ask")(ask)


def ask(  # noqa: PLR0913 - one option each
    *,
    insurer: Annotated[str | None, typer.Option(help="AMC number, as on the card.")] = None,
    member: Annotated[str | None, typer.Option(help="Member number, as on the card.")] = None,
    born: Annotated[str | None, typer.Option(help="Birth date, yyyy-mm-dd.")] = None,
    rank: Annotated[int, typer.Option(help="Birth rank; 2 for the second twin.")] = 1,
    domain: Annotated[str | None, typer.Option(help="PHAR, OPTI, LABO, …")] = None,
    on: Annotated[str | None, typer.Option(help="Care date, yyyy-mm-dd; today by default.")] = None,
    who: Annotated[
        str | None, typer.Option("--as", help="pharmacy, optician, doctor, clinic, …")
    ] = None,
    url: Annotated[str | None, typer.Option(help="Another address of the edge.")] = None,
    reference: Annotated[str | None, typer.Option(help="A reference of one's own.")] = None,
    scan: Annotated[str | None, typer.Option(help="The secret of the card's code.")] = None,
    keep: Annotated[Path | None, typer.Option(help="File for question and answer.")] = None,
    as_json: Json = False,
) -> int:
    """Ask whether a person is covered; without a card, about the first of `rempart demo cards`.

    Needs a server that `make run` keeps up. Exit 0 for any answer, 3 for a refusal.
    """
    from rempart.simulation.software import Software

    state_dir, addresses = find_server(url)
    card = _card(state_dir, insurer, member, born, rank, scan)
    card = replace(card, domain=domain or card.domain)
    installation = installation_of(state_dir, who, card.domain)
    question = question_of(card, installation, on, reference)
    with Software(installation.key, addresses) as software:
        reply = software.ask(question)
    if keep and reply.outcome:
        keep_answer(keep, msgspec.json.encode(question), reply, addresses)
    return _told(reply, as_json)


def question_of(
    card: "SampleCard", installation: "Installation", on: str | None, reference: str | None
) -> "Question":
    """Put what the card says as the installation asks it; today unless another day is given."""
    from rempart.foundation.clock import SystemClock
    from rempart.simulation.question import question_about

    return question_about(
        card.person,
        domain=card.domain,
        on=_day("--on", on) if on else SystemClock().today(),
        professional=installation.professionals[0],
        site=installation.site,
        card_secret=card.scan,
        reference=reference,
    )


def keep_answer(file: Path, body: bytes, reply: "Reply", addresses: "Addresses") -> None:
    """Write what its asker needs to check the answer for ever; it names the person: mode 0600."""
    import httpx

    try:
        found = httpx.get(f"{addresses.public_url}/v1/receipt-keys", timeout=5, trust_env=False)
        key = found.json()["keys"][0]["public_key"]
    except (httpx.HTTPError, ValueError, LookupError):
        raise UnavailableError("the platform did not give its receipt key") from None
    held = {"request": body.decode(), "answer": reply.body, "receipt_key": key}
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(msgspec.json.encode(held) + b"\n")
    except OSError:
        raise BadInputError("--keep", "cannot be written") from None


def find_server(url: str | None) -> tuple[Path, "Addresses"]:
    """Find the folder of a try-out and where it answers; `UnavailableError` when none does."""
    from rempart.cli.demo_platform import running_addresses
    from rempart.cli.demo_practice import installations_folder
    from rempart.cli.demo_state import DEMONSTRATION, TRY_OUT

    named = "REMPART_STATE_DIR" in os.environ
    folders = [load_settings().state_dir] if named else [TRY_OUT, DEMONSTRATION]
    for folder in folders:
        found = running_addresses(folder)
        if found is not None and installations_folder(folder).exists():
            return folder, replace(found, public_url=url.rstrip("/")) if url else found
    raise UnavailableError(
        "no server is up here: start one with `make run` (or `rempart serve`),"
        " then ask again from another terminal"
    )


def card_of(
    insurer: str | None, member: str | None, born: str | None, rank: int, scan: str | None
) -> "SampleCard":
    """The card that the options give."""
    from rempart.simulation.population import Person
    from rempart.simulation.sample_cards import SampleCard

    for option, value in (("--insurer", insurer), ("--member", member), ("--born", born)):
        if not value:
            raise BadInputError(option, "is missing: a card has insurer, member number, birth date")
    person = Person(insurer or "", member or "", _day("--born", born or ""), rank)
    return SampleCard("given", person, "PHAR", scan, "")


def _card(
    state_dir: Path,
    insurer: str | None,
    member: str | None,
    born: str | None,
    rank: int,
    scan: str | None,
) -> "SampleCard":
    """Return the card that the options give, or else the first sample card."""
    from rempart.cli.demo_cards import cards_of

    if insurer or member or born:
        return card_of(insurer, member, born, rank, scan)
    card = cards_of(state_dir)[0]
    return replace(card, scan=scan or card.scan)


def installation_of(state_dir: Path, who: str | None, domain: str) -> "Installation":
    """The software named, or the first whose users may ask in that domain."""
    from rempart.cli.demo_practice import ROBBED, installations_folder
    from rempart.simulation.installation import installation_names, load_installation

    folder = installations_folder(state_dir)
    names = installation_names(folder)
    if who is not None:
        if who not in names:
            raise BadInputError("--as", f"is one of {', '.join(names)}")
        return load_installation(folder, who)
    honest = [load_installation(folder, name) for name in names if name != ROBBED]
    for installation in honest:
        if domain in installation.domains:
            return installation
    # Nobody may ask in that domain: the platform says so better than this command could.
    return load_installation(folder, "pharmacy")


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInputError(option, "is not a date written yyyy-mm-dd") from None


def _told(reply: "Reply", as_json: bool) -> int:
    """Print an answer or a refusal, and return the exit code."""
    if reply.status >= 500:
        raise UnavailableError("the platform could not answer: nothing was answered")
    because = reply.refused_because
    told = {key: reply.body.get(key) if because is None else None for key in _ANSWER_KEYS}
    receipt = reply.body.get("receipt") if because is None else None
    emit(
        {**told, "receipt": receipt, **told_refusal(reply.body, because)},
        as_json,
        lambda: _show(told) if because is None else show_refusal(reply.body, because),
    )
    if because is None:
        return OK
    is_written_wrong = reply.status in _WRITTEN_WRONG and because != _CARE_WINDOW
    return WRONG_USAGE if is_written_wrong else REFUSED


def _show(told: dict[str, object]) -> None:
    from rich.console import Console

    from rempart.cli.demo_screen import answer_table
    from rempart.cli.demo_words import Words

    Console().print(answer_table(Words(texts(from_environment(os.environ))), told))
