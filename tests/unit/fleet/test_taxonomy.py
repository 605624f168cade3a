from pathlib import Path

import pytest

from fleet.errors import ConfigurationError
from fleet.taxonomy import load_taxonomy

OWN = """
name = "shop"
[[categories]]
name = "order"
description = "where is my parcel"
[[categories]]
name = "legal"
description = "somebody wants to sue"
[[urgencies]]
name = "p3"
description = "this week"
[[urgencies]]
name = "p2"
description = "today"
[[urgencies]]
name = "p1"
description = "now"
[automated]
category = "order"
[escalation]
risky_categories = ["legal"]
small_confidence = 0.75
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "taxonomy.toml"
    path.write_text(OWN, "utf-8")
    return path


def test_the_default_is_exactly_what_the_readme_promises() -> None:
    taxonomy = load_taxonomy()
    assert taxonomy.category_names == ("billing", "technical", "other")
    assert taxonomy.urgency_names == ("low", "high")
    assert (taxonomy.lowest, taxonomy.highest) == ("low", "high")
    assert taxonomy.automated.category == "other"
    assert taxonomy.escalation.risky_categories == ()
    assert all(choice.description for choice in (*taxonomy.categories, *taxonomy.urgencies))


def test_a_file_of_ones_own_sets_other_names_and_more_levels(file: Path) -> None:
    taxonomy = load_taxonomy(file)
    assert taxonomy.category_names == ("order", "legal")
    assert taxonomy.urgency_names == ("p3", "p2", "p1")
    assert (taxonomy.lowest, taxonomy.highest) == ("p3", "p1")
    assert taxonomy.escalation.small_confidence == 0.75
    assert taxonomy.escalation.frontier_confidence == 0.50
    assert taxonomy.languages.small == ("en",)


def test_the_version_names_the_content(file: Path) -> None:
    version = load_taxonomy(file).version
    assert version == load_taxonomy(file).version
    assert version.startswith("shop@")
    file.write_text(OWN.replace("today", "tomorrow"), "utf-8")
    assert load_taxonomy(file).version != version


def test_comments_do_not_change_the_version(file: Path) -> None:
    version = load_taxonomy(file).version
    file.write_text("# ours\n" + OWN, "utf-8")
    assert load_taxonomy(file).version == version


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('name = "shop"', "", "name: is missing"),
        ('name = "shop"', 'name = "Our Shop"', "name: must be small letters"),
        ('name = "order"', 'name = "Order"', "categories.0.name: "),
        ('name = "order"', 'name = "order\\n"', "categories.0.name: "),
        ('name = "order"', f'name = "{"o" * 41}"', "categories.0.name: "),
        ('name = "legal"', 'name = "order"', "categories names one of order, order twice"),
        ('name = "p2"', 'name = "p3"', "urgencies names one of p3, p3, p1 twice"),
        ('description = "today"', 'description = ""', "urgencies.1.description: "),
        ('description = "today"', "", "urgencies.1.description: is missing"),
        ('description = "today"', 'descripton = "today"', "urgencies.1.descripton: is not a known name"),
        ('category = "order"', 'category = "spam"', "automated.category: 'spam' is none of the categories"),
        ('[automated]\ncategory = "order"', "", "automated: is missing"),
        ('["legal"]', '["fraud"]', "escalation.risky_categories: 'fraud' is none of the categories"),
        ("0.75", "75", "escalation.small_confidence: "),
        ("0.75", "-0.1", "escalation.small_confidence: "),
        ("0.75", "nan", "escalation.small_confidence: "),
        ("[escalation]", "[escalations]", "escalations: is not a known name"),
    ],
)
def test_each_wrong_thing_names_its_field(file: Path, old: str, new: str, named: str) -> None:
    assert OWN.count(old) == 1
    file.write_text(OWN.replace(old, new), "utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_taxonomy(file)
    assert str(caught.value).startswith(f"TRIAGE_TAXONOMY: {file}: ")
    assert named in str(caught.value)


def test_one_category_is_no_choice(file: Path) -> None:
    file.write_text(OWN.replace('[[categories]]\nname = "legal"\ndescription = "somebody wants to sue"', ""), "utf-8")
    with pytest.raises(ConfigurationError, match=r"categories: .* at least 2"):
        load_taxonomy(file)


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"TRIAGE_TAXONOMY: cannot read .*nowhere\.toml: No such file"):
        load_taxonomy(tmp_path / "nowhere.toml")


@pytest.mark.parametrize("content", [b"name = ", b"\xff\xfe", b"{}"])
def test_a_file_that_is_not_toml_is_named(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"TRIAGE_TAXONOMY: .*taxonomy\.toml is not TOML"):
        load_taxonomy(file)
