"""The simulator's own endpoints, under /_simulator: health, statistics, fault plan, reset."""

import json
from collections.abc import Mapping
from dataclasses import asdict

from ops.simulator.api.errors import ApiError, invalid
from ops.simulator.faults.notation import parse_faults
from ops.simulator.metering.meter import Meter

PREFIX = "/_simulator/"


class Control:
    """Answers what only a simulator is asked."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    def answer(self, method: str, path: str, body: bytes) -> Mapping[str, object]:
        """Return the answer to a request under the prefix; unknown ones are a 404."""
        match (method, path.removeprefix(PREFIX)):
            case ("GET", "health"):
                return {"simulated": True, "status": "ok"}
            case ("GET", "stats"):
                return self._meter.stats.snapshot()
            case ("GET", "faults"):
                return {"faults": [asdict(fault) for fault in self._meter.plan.faults]}
            case ("PUT", "faults"):
                return self._plan(body)
            case ("POST", "reset"):
                self._meter.reset()
                return {"reset": True}
        raise ApiError(404, f"{method} {path[:100]}: not found")

    def _plan(self, body: bytes) -> Mapping[str, object]:
        try:
            faults = parse_faults(json.loads(body))
        except ValueError as error:
            raise invalid(str(error)) from error
        self._meter.plan_faults(faults)
        return {"faults": len(faults)}
