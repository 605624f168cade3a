"""Share between processes what calls of each model cost lately, so that one that just started estimates as well."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from fleet.ledger import AsyncLedger
from worker.llm.estimate import CallEstimate

EVERY_S = 10.0


@dataclass(slots=True)
class SharedExperience:
    """Keeps each model's estimate beside the limiter's state of it; what is lost with the server is learnt anew."""

    ledger: AsyncLedger
    estimates: Mapping[str, CallEstimate]
    _told: dict[str, str] = field(default_factory=dict)

    async def exchange(self) -> None:
        """Take over what others learnt, once; afterwards tell what this process learnt."""
        for model, estimate in self.estimates.items():
            if model not in self._told:
                raw = cast("bytes | None", await self.ledger.redis.hget(f"tf:lim:{model}", "estimate"))
                estimate.restore(_object(raw))
            elif (text := json.dumps(estimate.as_record())) != self._told[model]:
                await self.ledger.redis.hset(f"tf:lim:{model}", "estimate", text)
            self._told[model] = json.dumps(estimate.as_record())


def _object(raw: bytes | None) -> dict[str, object]:
    try:
        found = json.loads(raw or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
