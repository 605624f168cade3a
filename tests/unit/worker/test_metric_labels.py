"""The closed sets that label metrics are those that docs/metrics.md names."""

import re
from enum import StrEnum
from pathlib import Path

import pytest

from worker.domain import CallResult
from worker.limits.permits import HoldReason

_PAGE = (Path(__file__).parents[3] / "docs/metrics.md").read_text("utf-8")


@pytest.mark.parametrize(("begins", "labels"), [("Results of a call", CallResult), ("Reasons of a hold", HoldReason)])
def test_the_page_names_every_label_and_no_other(begins: str, labels: type[StrEnum]) -> None:
    (paragraph,) = re.findall(rf"^{begins}.*?(?:\n\n|\Z)", _PAGE, re.DOTALL | re.MULTILINE)
    assert set(re.findall(r"`([a-z_]+)`", paragraph)) == set(labels)
