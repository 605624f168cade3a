import json
import random
from collections import Counter
from pathlib import Path

import pytest

from ops.simulator.brain.brain import Brain
from ops.simulator.brain.calibration import expected_calibration_error
from ops.simulator.brain.counts import Columns, Counts
from ops.simulator.brain.features import rich_features
from ops.simulator.brain.folds import FOLDS, fold_of
from ops.simulator.brain.lexicon import Lexicon
from ops.simulator.brain.rows import Row, load_rows
from ops.simulator.brain.tiers import train, trained

WORDS = {"red": "apple cherry rose brick ruby", "blue": "sky sea denim sapphire berry"}
ASKED = "Quite unlike anything else: zorblax quindle vexatious apple!"


def rows_about_colours(count: int = 200) -> list[Row]:
    chance = random.Random(1)
    made = []
    for number in range(count):
        colour = chance.choice(list(WORDS))
        text = " ".join([*chance.choices(WORDS[colour].split(), k=3), *chance.choices("abcde", k=4)])
        made.append(Row(f"{text} {number}", {"colour": colour}))
    return made


def brain_with(label: str) -> Brain:
    rows = [*rows_about_colours(), *[Row(ASKED, {"colour": label})] * 20]
    columns = Columns(rows)
    return Brain(rows, columns, rich_features, Lexicon(columns), rows)


def opinion(brain: Brain, text: str) -> list[tuple[float, float]]:
    look = brain.look(text)
    return [(learned, prior) for learned, _, prior in map(look.evidence, range(2))]


SIGNED = "Hi, " + ASKED + " Best, me"  # of another fold than the bare text, so that the likeness has to be noticed


@pytest.mark.parametrize("text", [ASKED, ASKED.upper(), "  " + ASKED.replace(":", " -") + "\n", SIGNED])
def test_the_label_of_the_asked_ticket_has_no_influence_on_its_answer(text: str) -> None:
    assert opinion(brain_with("red"), text) == opinion(brain_with("blue"), text)


def test_the_signed_text_is_of_another_fold_than_the_bare_one() -> None:
    assert fold_of(SIGNED) != fold_of(ASKED)


def test_without_the_left_out_fold_the_asked_tickets_label_would_show(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Counts.without

    def leaky(self: Counts, cells: Counter[tuple[int, int]], _: int) -> list[int]:
        return kept(self, cells, -1)

    monkeypatch.setattr(Counts, "without", leaky)

    assert opinion(brain_with("red"), ASKED) != opinion(brain_with("blue"), ASKED)


def test_other_tickets_do_have_influence() -> None:
    brain = brain_with("red")
    places = {"blue": 0, "red": 1}

    for colour, known in WORDS.items():
        look = brain.look(f"{known} something new")
        assert brain.choose(look, "colour", [0, 1]).place == places[colour]


def test_the_folds_are_of_about_the_same_size() -> None:
    sizes = Counter(fold_of(f"ticket number {number}") for number in range(5000))

    assert set(sizes) == set(range(FOLDS))
    assert min(sizes.values()) > 800


def test_a_choice_among_some_values_has_a_probability_among_those() -> None:
    brain = brain_with("red")
    look = brain.look("apple cherry rose")

    assert brain.choose(look, "colour", [0]).probability == 1.0
    assert 0.5 < brain.choose(look, "colour", [0, 1]).probability < 1.0


def test_no_rows_at_all_make_brains_that_answer_all_the_same() -> None:
    brains = train([])

    assert brains.frontier.look("anything").seen == []
    assert len(brains.columns) == 0


def test_the_bundled_brains_beat_the_commonest_label_and_know_how_good_they_are() -> None:
    rows, brains = load_rows(), trained(())
    if not rows:
        pytest.skip("no bundled tickets")
    hits: dict[str, list[tuple[float, bool]]] = {"small": [], "frontier": []}
    columns = brains.columns.by_key["category"]
    for row in rows:
        for name, brain in (("small", brains.small), ("frontier", brains.frontier)):
            choice = brain.choose(brain.look(row.text), "category", list(columns.values()))
            hits[name].append((choice.probability, list(columns)[choice.place] == row.labels["category"]))
    accuracy = {name: sum(hit for _, hit in pairs) / len(rows) for name, pairs in hits.items()}
    commonest = max(Counter(row.labels["category"] for row in rows).values()) / len(rows)

    assert accuracy["frontier"] >= accuracy["small"] > commonest + 0.2
    assert all(expected_calibration_error(pairs) < 0.12 for pairs in hits.values())


def test_extra_training_rows_replace_the_bundled_ones_for_their_own_labels_only(tmp_path: Path) -> None:
    bundled, extra = tmp_path / "bundled", tmp_path / "extra.jsonl"
    bundled.mkdir()
    row = {"subject": "S", "text": "t", "labels": {"category": "old", "urgency": "low", "count": 3, "flag": True}}
    (bundled / "a.jsonl").write_text(json.dumps(row) + "\n\n" + json.dumps({"text": "unlabelled"}))
    extra.write_text(json.dumps({"text": "u", "labels": {"category": "new"}}))

    rows = load_rows((extra,), bundled)

    assert rows == [Row("u", {"category": "new"}), Row("S\nt", {"urgency": "low", "flag": "true"})]


def test_an_unreadable_training_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"text": "x", "labels": {}}\n{oops')

    with pytest.raises(ValueError, match=r"bad\.jsonl:2"):
        load_rows((path,))


def test_no_training_data_is_no_error(tmp_path: Path) -> None:
    assert load_rows((), tmp_path / "missing") == []
