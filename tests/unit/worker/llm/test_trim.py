from hypothesis import given
from hypothesis import strategies as st

from worker.llm.trim import size_of, trim

MARKERS_BYTES = 120


def test_a_text_that_fits_is_left_alone() -> None:
    text = "> quoted\nand all"
    trimmed = trim(text, 400)
    assert trimmed.text == text
    assert trimmed.is_whole


def test_thread_history_goes_first_and_answers_below_a_quote_stay() -> None:
    text = "My card was charged.\nOn Mon, 3 Nov, Support wrote:\n" + "> old\n" * 200 + "And here is my answer."
    trimmed = trim(text, 240)
    assert "My card was charged." in trimmed.text
    assert "And here is my answer." in trimmed.text
    assert "> old" not in trimmed.text
    assert trimmed.history > 1_000
    assert trimmed.middle == 0
    assert f"history of {trimmed.history} characters" in trimmed.text


def test_all_below_an_original_message_line_is_history() -> None:
    trimmed = trim("Still broken.\n-----Original Message-----\n" + "older words " * 100, 200)
    assert trimmed.text.startswith("Still broken.")
    assert "older words" not in trimmed.text


def test_a_bare_forward_is_the_message_itself() -> None:
    trimmed = trim("-----Forwarded message-----\n" + "the real request " * 100, 200)
    assert trimmed.history == 0
    assert trimmed.middle > 0
    assert "the real request" in trimmed.text


def test_head_and_tail_are_kept_and_the_cut_is_named() -> None:
    trimmed = trim("BEGIN " + "x" * 5_000 + " END", 400)
    assert trimmed.text.startswith("BEGIN ")
    assert trimmed.text.endswith(" END")
    assert f"[{trimmed.middle} characters left out]" in trimmed.text


@given(st.text(max_size=3_000) | st.text("<\n\x00é", max_size=3_000), st.integers(min_value=80, max_value=800))
def test_no_text_ends_much_above_its_budget(text: str, max_bytes: int) -> None:
    assert size_of(trim(text, max_bytes).text) <= max_bytes + MARKERS_BYTES
