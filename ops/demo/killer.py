"""Kills random workers with -9 while the work goes on, spread evenly over it."""

import random
from collections.abc import Sequence

from ops.demo.processes import Child


class Killer:
    """Carries out `kills` kills: the next one is due when that share of the tickets has ended."""

    def __init__(self, workers: Sequence[Child], kills: int, chance: random.Random) -> None:
        self._workers = workers
        self._kills = kills
        self._chance = chance
        self.killed: list[str] = []

    def tick(self, share_done: float) -> None:
        """Kill one worker if one is due."""
        due = int(share_done * (self._kills + 1))
        if len(self.killed) >= min(due, self._kills):
            return
        alive = [child for child in self._workers if child.is_alive]
        if alive:
            victim = self._chance.choice(alive)
            victim.kill()
            self.killed.append(victim.name)
