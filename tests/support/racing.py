"""Who races in tests/races: lanes with batches in opposite orders, officers, sign-in, jobs."""

import random
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from rempart.foundation.database import hexed
from tests.support.asking import Site, collect, one
from tests.support.claiming import LINE
from tests.support.database import Connection, DatabaseUnderTest
from tests.support.quoting import quote

LANES = 4
DECK = 12
"""Questions that every lane asks in one round, each lane in an order of its own."""

Question = dict[str, Any]
Work = Callable[[Connection], None]
_PEOPLE = ("alice", "bob", "carol", "ended", "stranger", "optic_only")


@dataclass
class Race:
    """What all take part in: sites that share professionals, rounds to run, faults seen."""

    db: DatabaseUnderTest
    sites: list[Site]
    clients: list[str]
    rounds: int
    over: threading.Event = field(default_factory=threading.Event)
    gate: threading.Barrier = field(default_factory=lambda: threading.Barrier(LANES, timeout=30))
    faults: list[str | None] = field(default_factory=list)
    moves: int = 0

    @classmethod
    def make(cls, db: DatabaseUnderTest, rounds: int) -> "Race":
        """Open three sites where the same two professionals work, with caps that stop nobody."""
        db.owner.execute(
            "update guard.profile set all_burst = 10000000, new_burst = 10000000,"
            " fresh_burst = 10000000, typed_burst = 10000000, miss_burst = 10000000"
        )
        sites = [
            Site.make(db, identifier=f"75000000{place}", rpps=f"1000000000{who}")
            for place in range(3)
            for who in range(2)
        ]
        db.owner.execute("update identity.token set expires_at = expires_at + interval '2 days'")
        clients = [
            one(db.owner, "select client_id from identity.installation where jkt = %s", jkt)
            for jkt in (site.installation.jkt for site in sites)
        ]
        return cls(db, sites, [client["client_id"] for client in clients], rounds)

    def deck(self, turn: int) -> list[Question]:
        """Make the questions of a round: the same proofs and references for every lane."""
        draw = random.Random(turn)
        made = []
        for number in range(DECK):
            person = draw.choice((*_PEOPLE, f"{turn}-{number}"))
            site, mark = draw.choice(self.sites), f"{turn}-{number}"
            # A quote has its people's turns to wait for as well.
            ask = draw.choice((site.question, site.scan, partial(_quote, site)))
            made.append(ask(person, proof_jti=mark, reference=mark))
        return made

    def run(self, *works: tuple[str, Work]) -> None:
        """Run every work again and again, each as its role in a thread, until the lanes end."""
        threads = [
            threading.Thread(target=self._repeat, args=(self.db.connect(role), work), daemon=True)
            for role, work in works
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(7200)
            assert not thread.is_alive()

    def _repeat(self, connection: Connection, work: Work) -> None:
        while not self.over.is_set():
            try:
                work(connection)
                self.moves += 1
            except psycopg.Error as error:
                self.faults.append(error.sqlstate)
            except threading.BrokenBarrierError:
                self.over.set()
        connection.close()

    def lane(self, number: int) -> Work:
        """Ask each round's deck: lanes 0 and 1 in opposite orders, the others in any."""
        turns, draw = iter(range(self.rounds)), random.Random(number)

        def work(edge: Connection) -> None:
            turn = next(turns, None)
            if turn is None:
                # The others are at most at the last gate: it opened for all of them.
                self.over.set()
                return
            asked = _ordered(self.deck(turn), number, draw)
            self.gate.wait()
            edge.execute("call rights.ask(%s)", (Jsonb(asked),))
            collect(edge, *asked)

        return work

    def officer(self, *, backwards: bool) -> Work:
        """Close, open with caps, link, issue a code: account after account, as the desk does."""
        order = list(zip(self.sites, self.clients, strict=True))[:: -1 if backwards else 1]

        def work(desk: Connection) -> None:
            for site, client in order:
                desk.execute("select identity.close_account(%s, %s)", (site.rpps, site.identifier))
                open_account(desk, site.rpps, site.identifier)
                desk.execute("select identity.link_account(%s, %s)", (client, site.rpps))
                desk.execute(
                    "select identity.issue_code(%s, %s, 'essai', %s, '1 hour')",
                    (site.identifier, [site.rpps], secrets.token_bytes(32)),
                )
                self.over.wait(0.02)

        return work

    def newcomers(self, desk: Connection) -> None:
        """Open accounts of people who were never here: new rows of budgets, caps on record."""
        rpps = str(random.randrange(10**10, 10**11))
        desk.execute("select identity.add_professional(%s, 'pharmacien')", (rpps,))
        open_account(desk, rpps, random.choice(self.sites).identifier)
        self.over.wait(0.05)

    def gates(self, desk: Connection) -> None:
        """Close and open an insurer about whom no lane asks: the locks are those of any move."""
        for move, end in (("close", ", null"), ("open", "")):
            desk.execute(f"select guard.{move}_gate('insurer', '87654321', 'essai', 'Alice'{end})")
        self.over.wait(0.02)

    def signin(self, minter: Connection) -> None:
        """Mint with proofs that the lanes are using up at that moment."""
        number = random.randrange(len(self.sites))
        minter.execute(
            "select identity.mint_token(%s, %s, %s, %s, %s, '5 minutes')",
            (
                self.clients[number],
                secrets.token_hex(8),
                f"{random.randrange(self.rounds)}-{random.randrange(DECK)}",
                self.sites[number].installation.jkt,
                secrets.token_bytes(32),
            ),
        )
        self.over.wait(0.02)

    def broken(self, edge: Connection) -> None:
        """Charge accounts for broken questions, with the lanes' own proofs."""
        question = random.choice(self.deck(random.randrange(self.rounds)))
        names = ("token", "jkt", "proof_jti", "professional", "site", "edge", "boot")
        edge.execute(
            "select rights.note_broken(%s, %s, %s, %s, %s, %s, %s)",
            [question[name] for name in names],
        )
        self.over.wait(0.02)

    def jobs(self, job: Connection) -> None:
        """Beat, and sweep what is hours old."""
        job.execute("select guard.beat(20000)")
        job.execute("select identity.sweep()")
        self.over.wait(0.02)

    def growing_old(self, owner: Connection) -> None:
        """Make people whom the lanes ask about met long ago, and covers that ended."""
        for question in self.deck(random.randrange(self.rounds)):
            owner.execute(
                "insert into guard.met (holder, holder_id, asked, met_on) select 4, s.site_id, %s,"
                " current_date - 500 from identity.site s where s.identifier = %s"
                " on conflict do nothing",
                (question["asked"], question["site"]),
            )
        _cover_until_long_ago(owner, secrets.token_hex(4))
        self.over.wait(0.02)

    def erasing(self, job: Connection) -> None:
        """Erase beside questions that renew whom they met long ago; runs take turns."""
        job.execute("select * from journal.open_purge('schedule', 36)")
        for function in (
            "registry.erase_covers(1000)",
            "guard.erase_met(1)",
            "journal.erase_payloads(1000)",
            "journal.erase_references(1)",
            "registry.erase_staged(1000)",
        ):
            while not one(job, f"select done from {function}")["done"]:
                pass
        job.execute("select * from journal.close_purge()")
        self.over.wait(0.02)


def open_account(desk: Connection, rpps: str, site: str) -> None:
    """Open an account with its caps in one transaction, as `identity.open_account` in Python."""
    with desk.transaction():
        opened = one(desk, "select * from identity.open_account(%s, %s)", rpps, site)
        for kind, name in ((2, "account_id"), (3, "professional_id"), (4, "site_id")):
            desk.execute(
                "select guard.set_caps(%s::smallint, %s, 'pharmacien')", (kind, opened[name])
            )


def _cover_until_long_ago(owner: Connection, mark: str) -> None:
    """Cover some people until forty days ago."""
    owner.execute(
        "insert into registry.coverage (insurer_id, person_index, member_reference, plan_id,"
        " valid_from, valid_to, cover_rank, card_hash, feed_id)"
        " select i.insurer_id, sha256(int8send(n) || convert_to(%s, 'UTF8')),"
        " substr(sha256(int8send(n)), 1, 16), 1, current_date - 400, current_date - 40, 1, null, 1"
        " from registry.insurer i cross join generate_series(1, 20) n",
        (mark,),
    )


def _quote(site: Site, person: str, **changes: object) -> Question:
    return quote(site, person, LINE, domain="PHAR", **changes)


def _ordered(deck: list[Question], lane: int, draw: random.Random) -> list[Question]:
    # What an edge draws anew for each request; proofs and references are those of the deck.
    asked = [
        question
        | {"attempt": hexed(secrets.token_bytes(16)), "engagement_id": hexed(draw.randbytes(16))}
        for question in deck
    ]
    if lane == 1:
        asked.reverse()
    elif lane > 1:
        draw.shuffle(asked)
    return asked
