"""What the tables of the README and of the producers' pages say of settings is what the code knows."""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from fleet.environment import names_of
from fleet.settings import Settings, variable
from ops.cli.intake.source_help import meaning, written
from producers.groups import GROUPS

ROOT = Path(__file__).parents[2]

DOCUMENTS = sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs").rglob("*.md"))

PAGES = {
    "TRIAGE_IMAP_": "imap",
    "TRIAGE_SMTP_": "smtp",
    "TRIAGE_WEBHOOKS_": "webhooks",
    "TRIAGE_SLACK_": "slack",
    "TRIAGE_MATRIX_": "matrix",
    "TRIAGE_CHAT_": "chat",
    "TRIAGE_HTTP_": "http",
    "TRIAGE_RAW_": "redis",
}

IN_WORDS = {
    "TRIAGE_PAGE_URL": "PagerDuty's",
    "TRIAGE_SMTP_PEERS": "loopback and private networks",
    "TRIAGE_SMTP_HOSTNAME": "the machine's",
}
"""Defaults that nobody wants to read as they are."""

LINK = re.compile(r" \(\[[^\]]+\]\([^)]+\)\)")
NAME = re.compile(r"`([A-Z…][A-Z_…]+)`")


def documented(page: Path, prefix: str) -> dict[str, str]:
    """Read the table of settings: each variable and what its page says its default is."""
    found: dict[str, str] = {}
    for first, default, _ in rows(page):
        names = named(first, prefix)
        defaults = default.split(", ")
        found |= zip(names, defaults if len(defaults) == len(names) else [default] * len(names), strict=True)
    return found


def meanings(page: Path, prefix: str) -> dict[str, str]:
    """Read what each variable means, without marks and links."""
    return {name: plain(meaning) for first, _, meaning in rows(page) for name in named(first, prefix)}


def named(cell: str, prefix: str) -> list[str]:
    return [name.replace("…_", prefix) for name in NAME.findall(cell) if name != "…_FILE" and name[-1] != "…"]


def plain(cell: str) -> str:
    return LINK.sub("", cell).replace("`", "")


def rows(page: Path) -> Iterator[tuple[str, str, str]]:
    """The cells of the rows of the table of settings."""
    _, _, table = page.read_text("utf-8").partition("| variable | default | meaning |\n|---|---|---|\n")
    for row in table.partition("\n\n")[0].splitlines():
        first, default, meaning = (cell.strip() for cell in row.strip("|").split("|"))
        yield first, default, meaning


def known(group: type[BaseModel], prefix: str) -> Iterator[tuple[str, FieldInfo]]:
    for field, info in group.model_fields.items():
        yield (variable(field) if group is Settings else prefix + field.upper()), info


def differences(table: Mapping[str, str], group: type[BaseModel], prefix: str) -> list[str]:
    found = []
    for name, info in known(group, prefix):
        told = IN_WORDS.get(name) or ("" if info.is_required() else written(info.get_default()))
        if name not in table:
            found.append(f"{name} has no row")
        elif told and table[name].replace("`", "").partition(" (")[0] != told:
            found.append(f"{name}: the table says {table[name]}, the default is {told}")
    return found + [f"{name} is no setting" for name in table.keys() - {name for name, _ in known(group, prefix)}]


def test_the_readme_lists_every_setting_with_its_default() -> None:
    assert differences(documented(ROOT / "README.md", "TRIAGE_"), Settings, "TRIAGE_") == []


@pytest.mark.parametrize("prefix", GROUPS)
def test_a_producers_page_lists_every_setting_of_its_with_its_default(prefix: str) -> None:
    page = ROOT / "docs" / "producers" / f"{PAGES[prefix]}.md"
    assert differences(documented(page, prefix), GROUPS[prefix](), prefix) == []


@pytest.mark.parametrize("prefix", GROUPS)
def test_a_producers_page_says_of_each_setting_what_the_code_says(prefix: str) -> None:
    page = ROOT / "docs" / "producers" / f"{PAGES[prefix]}.md"
    assert meanings(page, prefix) == {name: meaning(info) for name, info in known(GROUPS[prefix](), prefix)}


def test_the_readme_points_at_the_settings_of_every_producer() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert [prefix for prefix in GROUPS if f"`{prefix}…`" not in text] == []


WRITTEN = re.compile(r"\bTRIAGE_[A-Z][A-Z_]*[A-Z]\b(?!_)")


@pytest.mark.parametrize(
    "file", ["README.md", "docker-compose.yml", "deploy/producers.env", "CONTRIBUTING.md", *DOCUMENTS], ids=str
)
def test_every_variable_that_a_file_names_is_known(file: str) -> None:
    names = set(names_of(Settings, variable))
    for prefix, load in GROUPS.items():
        names |= names_of(load(), partial(in_group, prefix))
    assert sorted(set(WRITTEN.findall((ROOT / file).read_text("utf-8"))) - names) == []


def in_group(prefix: str, field: str) -> str:
    return prefix + field.upper()
