"""Shows the demonstration to somebody who has never heard of third-party payment or of Rempart."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from textwrap import fill

from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from rempart.cli.demo_payment import Paid
from rempart.cli.demo_results import (
    LEAKED,
    PROFESSIONALS,
    SITES,
    BudgetLine,
    Findings,
    FirstAnswer,
    Lists,
    Theft,
)
from rempart.cli.demo_words import Words
from rempart.simulation.baselines import Exposure

_WIDTH = 100
_LONGEST_BAR, _SHORTEST_BAR = 24, 6
_BESIDE_THE_BAR = 74
_GOOD, _BAD, _DIM = "green", "red", "dim"


class Screen:
    """Prints the sections in order, at most 100 columns wide."""

    def __init__(self, console: Console, words: Words) -> None:
        """Take where to print and the language's words."""
        self._console = console
        self._words = words
        console.width = min(console.width, _WIDTH)

    def opening(self) -> None:
        """Say what this is and who is in it."""
        say = self._words.say
        title = Text(say("title"), style="bold")
        self._print(Panel(Group(title, Text(say("invented"))), padding=(1, 2)))
        self._section("about")
        self._prose("about.text")
        self._prose("about.theft")
        cast = Table.grid(padding=(0, 2))
        for who in ("insurers", "professionals", "rempart", "thief"):
            text = say(f"cast.{who}.text", leaked=LEAKED, professionals=PROFESSIONALS, sites=SITES)
            cast.add_row(Text(say(f"cast.{who}"), style="bold"), text)
        self._print(Padding(cast, (0, 2, 1, 4)))

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """Show that something goes on, where there is a terminal to show it on."""
        with self._console.status(self._words.say(f"waiting.{what}")):
            yield

    def lists(self, lists: Lists) -> None:
        """Say how the insurers' lists came in."""
        self._section("lists", insurers=lists.insurers)
        self._prose("lists.text")
        self._check(
            holds=True,
            key="lists.done",
            people=lists.people,
            covers=lists.covers,
            prepare=self._words.seconds(lists.prepare_s),
            taken=self._words.seconds(lists.import_s),
            refused=lists.refused,
        )

    def answered(self, first: FirstAnswer) -> None:
        """Show one question, its answer, its entry and the budget left."""
        self._section("question")
        self._prose("question.text", pharmacy=first.pharmacy, insurer=first.insurer)
        asked = _pairs(self._question_rows(first))
        answer = answer_table(self._words, first.answer)
        half = (_WIDTH - 4) // 2
        self._print(
            Padding(
                Columns(
                    [
                        Panel(asked, title=self._words.say("question.asked"), width=half),
                        Panel(answer, title=self._words.say("question.answer"), width=half),
                    ],
                    padding=(0, 1),
                ),
                (0, 0, 1, 2),
            )
        )
        self._prose("entry.text", insurer=first.insurer)
        entry = _pairs(self._entry_rows(first.entry))
        self._print(Padding(Panel(entry, title=self._words.say("entry.title")), (0, 2, 1, 2)))
        self._prose("budget.text")
        self._print(Padding(self._budget(first.budget), (0, 2, 1, 4)))

    @contextmanager
    def robbing(self, leaked: int, honest: int) -> Iterator[Callable[[int], None]]:
        """Introduce the thief, and yield what shows how far he is."""
        self._section("theft")
        self._prose("theft.text", leaked=leaked, honest=honest)
        progress = Progress(
            TextColumn("  {task.description}"),
            BarColumn(_LONGEST_BAR),
            MofNCompleteColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        task = progress.add_task(self._words.say("theft.asking"), total=leaked)
        with progress:
            yield lambda asked: progress.update(task, completed=asked)

    def robbed(self, theft: Theft) -> None:
        """Compare what he got with what other limits would have let him have."""
        say, number = self._words.say, self._words.number
        table = Table(box=None, padding=(0, 2, 0, 0), header_style=_DIM)
        table.add_column(say("theft.defence"), no_wrap=True)
        table.add_column(say("theft.exposed"), justify="right")
        table.add_column("", no_wrap=True)
        table.add_column(say("theft.new"), justify="right")
        table.add_column(say("theft.time"), justify="right")
        most = max(exposure.people_exposed for exposure in theft.baselines.values())
        room = self._console.width - _BESIDE_THE_BAR
        bar = max(_SHORTEST_BAR, min(_LONGEST_BAR, room))
        rows = [(say(f"theft.{name}"), found, _BAD) for name, found in theft.baselines.items()]
        for name, found, colour in [*rows, (say("theft.rempart"), theft.exposure, _GOOD)]:
            table.add_row(
                Text(name, style="bold" if found is theft.exposure else ""),
                Text(number(found.people_exposed), style=colour),
                Text(_bar(found, most, bar), style=colour),
                number(found.new_to_it),
                self._words.hours(found.hours),
            )
        self._print(Padding(table, (0, 0, 1, 2)))
        better = theft.robbery.outcomes["better_evidence_needed"]
        refused = sum(theft.robbery.refusals.values())
        self._prose("theft.how", better=better, refused=refused)
        self._prose("theft.stays", bound=theft.bound_30_days)
        self._prose("theft.others")
        answered = theft.next_door == "covered"
        self._check(holds=answered, key="theft.next_door", outcome=theft.next_door)

    def books(self, findings: Findings) -> None:
        """Say whether the journal and the budgets hold together."""
        self._section("books")
        self._prose("books.text")
        if findings.journal is not None:
            self._check(
                holds=findings.journal.ok, key="books.journal", entries=findings.journal.entries
            )
        if findings.budgets is not None:
            self._check(
                holds=findings.budgets.ok, key="books.budgets", accounts=findings.budgets.accounts
            )
        if findings.ledger is not None:
            paid = self._words.euros(findings.ledger.bank_cents)
            self._check(holds=findings.ledger.ok, key="books.ledger", paid=paid)

    def paid(self, paid: Paid) -> None:
        """Show the remittance notice, as the pharmacy's software reads it."""
        say, euros, head = self._words.say, self._words.euros, paid.notice.remittance
        self._section("paid")
        self._prose("paid.text", claimed=euros(paid.claim_cents))
        rows = [
            (say("paid.transfer"), head.remittance),
            (say("paid.account"), f"•••• {head.account}"),
            *((line.engagement, euros(line.amount_cents)) for line in paid.notice.lines),
            (say("paid.total"), euros(paid.paid_cents)),
        ]
        self._print(Padding(Panel(_pairs(rows), title=say("paid.title")), (0, 2, 1, 2)))
        self._check(holds=paid.paid_cents == paid.claim_cents, key="paid.done")

    def closing(self, seconds: float, address: str | None) -> None:
        """Say how long it took and what to try next."""
        self._section("next")
        if address is not None:
            self._prose("next.kept", address=address)
        commands = Table.grid(padding=(0, 2))
        for line in ("run", "ask", "verify"):
            command = Text(self._words.say(f"next.{line}"), style="bold")
            commands.add_row(command, self._words.say(f"next.{line}.text"))
        self._print(Padding(commands, (0, 2, 1, 4)))
        self._prose("next.took", seconds=self._words.seconds(seconds))

    def _question_rows(self, first: FirstAnswer) -> list[tuple[str, str]]:
        say, question = self._words.say, first.question
        return [
            (say("field.insurer"), question.insurer),
            (say("field.member"), question.member_number),
            (say("field.born"), self._words.day(question.birth_date)),
            (say("field.rank"), str(question.birth_rank)),
            (say("field.domain"), f"{question.domain} ({say(f'domain.{question.domain}')})"),
            (say("field.on"), self._words.day(question.care_date)),
            (say("field.evidence"), say(f"evidence.{question.evidence}")),
        ]

    def _entry_rows(self, entry: dict[str, str]) -> list[tuple[str, str]]:
        return [(self._words.say(f"entry.{name}"), value) for name, value in entry.items()]

    def _budget(self, lines: tuple[BudgetLine, ...]) -> RenderableType:
        say = self._words.say
        table = Table(box=None, padding=(0, 2, 0, 0), header_style=_DIM)
        for name in ("whose", "what"):
            table.add_column(say(f"budget.{name}"))
        for name in ("left", "back"):
            table.add_column(say(f"budget.{name}"), justify="right")
        for line in lines:
            table.add_row(
                say(f"budget.kind{line.kind}"),
                say(f"budget.bucket{line.bucket}"),
                f"{self._words.number(line.left)} / {self._words.number(line.burst)}",
                self._words.number(round(line.a_day)),
            )
        return table

    def _section(self, name: str, **values: object) -> None:
        title = Text(self._words.say(f"section.{name}", **values), style="bold")
        self._print()
        self._print(Rule(title, align="left", style=_DIM))
        self._print()

    def _prose(self, key: str, **values: object) -> None:
        # Not rich's own wrapping: it breaks lines at the no-break spaces of French.
        text = fill(self._words.say(key, **values), self._console.width - 4)
        self._print(Padding(Text(text), (0, 2, 1, 2)))

    def _check(self, *, holds: bool, key: str, **values: object) -> None:
        mark = Text("✓ ", style=_GOOD) if holds else Text("✗ ", style=_BAD)
        text = self._words.say(key if holds else f"{key}.broken", **values)
        self._print(Padding(mark + Text(text), (0, 2, 0, 4)))

    def _print(self, what: RenderableType = "") -> None:
        self._console.print(what)


def _bar(exposure: Exposure, most: int, cells: int) -> str:
    """A bar of up to so many cells, in eighths; something to see whenever there is anything."""
    eighths = round(exposure.people_exposed / most * cells * 8) if most else 0
    if exposure.people_exposed and not eighths:
        eighths = 1
    return "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()


def answer_table(words: Words, answer: dict[str, object]) -> Table:
    """What an answer says, as names and values."""
    rows = [(words.say("field.outcome"), words.outcome(str(answer["outcome"])))]
    for key, write in (
        ("rate_bp", words.rate),
        ("amount_cents", words.euros),
        ("ceiling_cents", words.euros),
    ):
        value = answer[key]
        if isinstance(value, int):
            rows.append((words.say(f"field.{key}"), write(value)))
    if answer["engagement"] is not None:
        expires_on = date.fromisoformat(str(answer["expires_on"]))
        rows += [
            (words.say("field.engagement"), str(answer["engagement"])),
            (words.say("field.expires_on"), words.day(expires_on)),
        ]
    return _pairs([*rows, (words.say("field.nothing_else"), words.say("field.nothing_else.text"))])


def _pairs(rows: list[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2))
    for name, value in rows:
        table.add_row(Text(name, style=_DIM), value)
    return table
