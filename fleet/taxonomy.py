"""The taxonomy: the closed sets that every verdict lies in, read from a TOML file."""

import hashlib
import re
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from fleet.errors import ConfigurationError
from fleet.ticket import explain

DEFAULT_FILE = Path(__file__).with_name("default_taxonomy.toml")

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError("must be small letters, digits, _ and -, at most 40 of them, the first a letter or digit")
    return name


Name = Annotated[str, AfterValidator(_checked_name)]
"""Lower-case and short, because names label metrics."""

Share = Annotated[float, Field(ge=0.0, le=1.0)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Choice(_Part):
    """One category or urgency level; the description is what the model reads."""

    name: Name
    description: str = Field(min_length=1, max_length=500)


class AutomatedMail(_Part):
    """What to say of messages that no person wrote."""

    category: Name


class Languages(_Part):
    """Primary BCP 47 tags that the small model reads well."""

    small: tuple[str, ...] = ("en",)


class Escalation(_Part):
    """When the small model's word is not enough, and when nobody's is."""

    small_confidence: Share = 0.60
    frontier_confidence: Share = 0.50
    risky_categories: tuple[Name, ...] = ()


class Taxonomy(_Part):
    """Categories, urgency levels (lowest first) and the rules that speak of them."""

    name: Name
    categories: tuple[Choice, ...] = Field(min_length=2, max_length=50)
    urgencies: tuple[Choice, ...] = Field(min_length=2, max_length=10)
    automated: AutomatedMail
    languages: Languages = Languages()
    escalation: Escalation = Escalation()

    @model_validator(mode="after")
    def _closed(self) -> Self:
        for kind, choices in (("categories", self.categories), ("urgencies", self.urgencies)):
            names = [choice.name for choice in choices]
            if len(set(names)) != len(names):
                raise ValueError(f"{kind} names one of {', '.join(names)} twice")
        for where, names_used in (
            ("automated.category", (self.automated.category,)),
            ("escalation.risky_categories", self.escalation.risky_categories),
        ):
            for name in names_used:
                if name not in self.category_names:
                    raise ValueError(f"{where}: {name!r} is none of the categories")
        return self

    @property
    def category_names(self) -> tuple[str, ...]:
        """Names of the categories, in file order."""
        return tuple(choice.name for choice in self.categories)

    @property
    def urgency_names(self) -> tuple[str, ...]:
        """Names of the urgency levels, lowest first."""
        return tuple(choice.name for choice in self.urgencies)

    @property
    def lowest(self) -> str:
        """The lowest urgency level."""
        return self.urgencies[0].name

    @property
    def highest(self) -> str:
        """The highest urgency level: with needs_human it pages."""
        return self.urgencies[-1].name

    @cached_property
    def version(self) -> str:
        """Name and short hash of the content, written with every verdict."""
        return f"{self.name}@{hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:8]}"


def load_taxonomy(path: Path | None = None) -> Taxonomy:
    """Read a taxonomy file (None: the default); raise ConfigurationError naming the file and the field."""
    file = path or DEFAULT_FILE
    try:
        return Taxonomy.model_validate(tomllib.loads(file.read_text("utf-8")))
    except OSError as error:
        raise ConfigurationError(f"TRIAGE_TAXONOMY: cannot read {file}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"TRIAGE_TAXONOMY: {file} is not TOML: {error}") from None
    except ValidationError as error:
        raise ConfigurationError(f"TRIAGE_TAXONOMY: {file}: {explain(error)}") from None
