"""A day's ledger in memory: it outlives the processes of a world, and knows one day."""

from __future__ import annotations

import asyncio

from postil.core.spending import Allowance, Balance, Spent, nano

DAY = "2026-11-22"


class MemoryLedger:
    """An `agent.parts.Ledger`."""

    def __init__(self) -> None:
        self.entries: dict[str, Spent] = {}
        self.raised = Allowance()

    def today(self) -> str:
        return DAY

    @property
    def spent(self) -> Spent:
        return sum(self.entries.values(), Spent())

    async def balance(self, day: str, most: Allowance) -> Balance:
        await asyncio.sleep(0)
        return self.last_balance(day, most)

    def last_balance(self, day: str, most: Allowance) -> Balance:
        return Balance(scope="day", spent=self.spent, most=self._in_force(most))

    async def reserve(
        self, day: str, key: str, worst: Spent, most: Allowance, *, priced: bool
    ) -> Balance | None:
        await asyncio.sleep(0)
        most = self._in_force(most)
        total = sum((it for name, it in self.entries.items() if name != key), worst)
        if most.tokens is not None and total.tokens > most.tokens:
            return None
        if priced and most.cost is not None and total.nano > nano(most.cost):
            return None
        before = self.last_balance(day, most)
        self.entries[key] = worst
        return before

    async def settle(self, day: str, key: str, used: Spent) -> None:
        await asyncio.sleep(0)
        self.entries[key] = used

    async def raise_to(self, day: str, most: Allowance) -> None:
        await asyncio.sleep(0)
        self.raised = self.raised.raised(most)

    def _in_force(self, most: Allowance) -> Allowance:
        both = most.raised(self.raised)
        return Allowance(
            tokens=None if most.tokens is None else both.tokens, cost=None if most.cost is None else both.cost
        )
