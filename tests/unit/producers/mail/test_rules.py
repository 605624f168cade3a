"""The rules beside their table in docs/producers/mail-parsing.md."""

import re

from producers.mail.machine.recognise import RULES
from tests.support.rows import REPOSITORY
from worker.guardrails.prefilter import EMPTY

PAGE = REPOSITORY / "docs" / "producers" / "mail-parsing.md"
ROW = re.compile(r"^\| `([a-z-]+)` \| `?(\w+)`? \| (\S.*) \| (\S.*) \|$", re.MULTILINE)


def test_the_table_of_what_decides_without_a_model_has_a_row_for_each_rule_in_its_order() -> None:
    section = PAGE.read_text("utf-8").split("## What decides without a model")[1].split("\n## ")[0]
    rows = [(found[1], found[2]) for found in ROW.finditer(section)]
    assert rows == [*((rule.name, rule.kind.value) for rule in RULES), (EMPTY, "none")]
