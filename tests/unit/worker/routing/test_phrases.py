import pytest

from worker.routing.lexicon import lexicons
from worker.routing.phrases import Phrases
from worker.routing.words import words_of

COMMON = frozenset({"to", "the", "in"})


def stands(entry: str, text: str) -> bool:
    phrases = Phrases()
    phrases.add(entry, "any", COMMON)
    return phrases.count(words_of(text)) == 1


HITS = [
    ("lawyer*", "my LAWYERS, again"),
    ("*anwalt*", "Die Rechtsanwaltskosten!"),
    ("*brand", "Zimmerbrand"),
    ("brände", "Braende"),
    ("brände", "Brande"),
    ("brände", "BRÄNDE"),
    ("vôo", "voo"),
    ("take .. court", "take you all to court"),
    ("to court", "off to court"),
    ("(my|our) house", "our house"),
    ("end (my )?life", "end life"),
    ("end (my )?life", "end my life"),
    ("not (again)?", "not"),
    ("don't care", "I don't care"),
    ("d'incendie", "début d\u2019incendie"),
    ("(from .. abroad|away) login", "from somewhere abroad login"),
]
MISSES = [
    ("lawyer", "lawyers"),
    ("*brand", "brandy"),
    ("take .. court", "take one two three four five to court"),
    ("take .. court", "I take it. The court is big."),
    ("to court", "to the court"),
    ("(my|our) house", "the house"),
]


@pytest.mark.parametrize(("entry", "text"), HITS)
def test_an_entry_stands_in_a_text(entry: str, text: str) -> None:
    assert stands(entry, text)


@pytest.mark.parametrize(("entry", "text"), MISSES)
def test_an_entry_does_not_stand_in_a_text(entry: str, text: str) -> None:
    assert not stands(entry, text)


def test_a_short_line_ends_a_sentence_and_a_wrapped_one_does_not() -> None:
    wrapped = "this line was broken by a mail client and its sentence goes\non here"
    assert words_of(wrapped).text.endswith("goes on here .")
    assert words_of("Category: fire\nalarm clock").text == "category fire . alarm clock ."


def test_every_list_of_every_language_compiles_and_is_not_empty() -> None:
    found = lexicons()
    assert {"en", "de", "fr", "es", "pt", "it", "nl", "pl"} == {lexicon.language for lexicon in found}
    assert all(lexicon.common and lexicon.person and lexicon.people for lexicon in found)
