"""Officers with keys, and what they do at the desk, at the level of SQL."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rempart.foundation.database import Database
from rempart.journal import BudgetCheck, Order, Verification, check_budgets, verify
from tests.support.asking import Site, one
from tests.support.closing import WHY

_T = TypeVar("_T")


@dataclass
class Officers:
    """Alice and Bob, on record, and what they do at the desk."""

    site: Site
    keys: dict[str, Ed25519PrivateKey] = field(default_factory=dict)

    @property
    def account(self) -> str:
        return f"{self.site.rpps}@{self.site.identifier}"

    def call(self, function: str, *args: object) -> dict[str, Any]:
        desk = self.site.db.connect("rempart_desk")
        marks = ", ".join(["%s"] * len(args))
        return one(desk, f"select * from guard.{function}({marks})", *args)

    def signatures(self, order: Order, signers: tuple[str, ...]) -> list[bytes]:
        return [self.keys[name].sign(order.packed()) for name in signers]

    def add(self, name: str, *signers: str) -> dict[str, Any]:
        key = self.keys[name] = Ed25519PrivateKey.generate()
        raw = key.public_key().public_bytes_raw()
        drawn = self.call("draw_nonce")
        nonce, until = drawn["nonce"], drawn["good_until"]
        order = Order("add", "officer", name, "", "", until, nonce, raw)
        signed = self.signatures(order, signers)
        return self.call("add_officer", name, raw, nonce, list(signers), signed)

    def remove(self, name: str, *signers: str) -> str | None:
        """Take one off the record; why it was refused."""
        drawn = self.call("draw_nonce")
        nonce, until = drawn["nonce"], drawn["good_until"]
        order = Order("remove", "officer", name, WHY[0], "", until, nonce)
        signed = self.signatures(order, signers)
        args = (name, WHY[0], nonce, list(signers), signed)
        because: str | None = self.call("remove_officer", *args)["refused_because"]
        return because

    def order(self, action: str) -> Order:
        drawn = self.call("draw_nonce")
        return Order(
            action, "account", self.account, WHY[0], "", drawn["good_until"], drawn["nonce"]
        )

    def move(
        self, action: str, *signers: str, order: Order | None = None, by: list[bytes] | None = None
    ) -> str | None:
        """Place, ease or release; why it was refused."""
        order = order or self.order(action)
        signed = self.signatures(order, signers) if by is None else by
        args = (self.account, WHY[0], order.nonce, list(signers), signed)
        because: str | None = self.call(f"{action}_hold", *args)["refused_because"]
        return because

    def verified(self) -> Verification:
        return self._audited(verify)

    def budgets(self) -> BudgetCheck:
        return self._audited(check_budgets)

    def _audited(self, audit: Callable[[Database], Coroutine[Any, Any, _T]]) -> _T:
        async def work() -> _T:
            async with await Database.open(
                self.site.db.dsn("rempart_journal"), max_size=1
            ) as database:
                return await audit(database)

        return asyncio.run(work())

    @classmethod
    def on_record(cls, site: Site) -> "Officers":
        """Put the first two, Alice and Bob, on record."""
        found = cls(site)
        for name in ("Alice", "Bob"):
            assert found.add(name)["refused_because"] is None
        return found
