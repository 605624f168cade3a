"""What this environment allows: the models, their limits, and the money."""

from dataclasses import dataclass

from fleet.settings import Settings
from worker.limits.rules import Budget, LimitsFile, budget_of, load_limits


@dataclass(frozen=True, slots=True)
class Allowed:
    """The limits and caps of the settings, which the workers should have been started with, too."""

    models: tuple[str, ...]
    limits: LimitsFile
    budget: Budget


def allowed_by(settings: Settings) -> Allowed:
    """Read them off the settings; ConfigurationError where the limits file is wrong."""
    models = tuple(dict.fromkeys((settings.small_model, settings.frontier_model)))
    return Allowed(models, load_limits(settings.limits), budget_of(settings))
