from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fleet.errors import ConfigurationError
from fleet.settings import Settings, load_group, load_settings, variable
from fleet.validation import explain
from producers.groups import GROUPS
from worker.limits.rules import load_limits
from worker.llm.prices import load_price_table

PYDANTIC = ("Input should", "Value error", "Field required", "Extra inputs", "should have", "should match")


class Everything(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    number: float = Field(default=1.0, gt=0, le=9)
    below: float = Field(default=1.0, lt=2)
    whole: int = Field(default=1, ge=1)
    flag: bool = True
    text: str = Field(default="x", min_length=1, max_length=3)
    code: str = Field(default="a", pattern="^a$")
    choice: Literal["a", "b"] = "a"
    day: date = date(2026, 1, 1)
    money: Decimal = Field(default=Decimal(1), decimal_places=2)
    several: tuple[str, ...] = Field(default=("a", "b"), min_length=2)
    table: dict[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"number": 0}, "number: must be more than 0"),
        ({"number": 10}, "number: must be at most 9"),
        ({"number": "many"}, "number: must be a number"),
        ({"number": float("inf")}, "number: must be a finite number"),
        ({"below": 2}, "below: must be less than 2"),
        ({"whole": 1.5}, "whole: must be a whole number"),
        ({"whole": 0}, "whole: must be at least 1"),
        ({"flag": "maybe"}, "flag: must be true or false"),
        ({"text": ""}, "text: must not be empty"),
        ({"text": "long"}, "text: must have at most 3 characters"),
        ({"text": 5}, "text: must be text"),
        ({"code": "b"}, "code: must match the pattern ^a$"),
        ({"choice": "c"}, "choice: must be one of a, b"),
        ({"day": "soon"}, "day: must be a date like 2026-12-31"),
        ({"money": "1.234"}, "money: must have at most 2 decimals"),
        ({"several": ["a"]}, "several: must have at least 2 entries, and has 1"),
        ({"several": 5}, "several: must be a list"),
        ({"table": 5}, "table: must be an object (in TOML: a table)"),
        ({"table": {"x": 0}}, "table.x: must be at least 1"),
        ({"unheard_of": 1}, "unheard_of: is not a known name"),
    ],
)
def test_what_is_wrong_is_said_in_words_for_people(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Everything(**values)
    assert explain(caught.value, lambda loc: ".".join(map(str, loc))) == [said]


@pytest.mark.parametrize("value", ["x y\x01", "-1", "1e400", "nan", "http://[", "0"])
def test_no_setting_answers_in_the_words_of_a_library(value: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_settings({variable(field): value for field in Settings.model_fields})
    said = str(caught.value)
    for prefix, load in GROUPS.items():
        with pytest.raises(ConfigurationError) as caught:
            load_group(load(), prefix, {prefix + name.upper(): value for name in load().model_fields})
        said += str(caught.value)
    assert [words for words in PYDANTIC if words in said] == []


def test_files_of_limits_and_prices_answer_in_words_for_people(tmp_path: Path) -> None:
    limits, prices = tmp_path / "limits.toml", tmp_path / "prices.toml"
    limits.write_text("[default]\nrequests_per_minutes = 5\nrequests_per_minute = 0\n")
    prices.write_text('[[prices]]\nmodel = "m"\nsince = 2026-01-01\ntiers = []\n')
    with pytest.raises(ConfigurationError, match=r"default\.requests_per_minute: must be more than 0") as caught:
        load_limits(limits)
    assert "default.requests_per_minutes: is not a known name" in str(caught.value)
    with pytest.raises(ConfigurationError, match=r"prices\.0\.tiers: must not be empty"):
        load_price_table(prices)
