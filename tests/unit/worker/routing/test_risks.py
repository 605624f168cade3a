"""Risk words in invented sentences: the lists were written with those of `tune`, those of `test` came afterwards."""

import tomllib
from pathlib import Path

import pytest

from tests.support.rows import needs_shared, shared_texts
from worker.routing.risks import find_risk
from worker.routing.words import words_of

FOLDER = Path(__file__).with_name("sentences") / "risks"
SENTENCES: dict[str, dict[str, dict[str, list[str]]]] = {
    file.stem: tomllib.loads(file.read_text("utf-8")) for file in FOLDER.glob("*.toml")
}
KINDS = ("law", "safety", "security", "self_harm")
CELLS = [(language, kind) for language in sorted(SENTENCES) for kind in KINDS]


def risk(text: str) -> str | None:
    return find_risk(words_of(text))


@pytest.mark.parametrize(("language", "kind"), CELLS)
def test_at_least_19_of_20_sentences_of_each_kind_and_language_are_found(language: str, kind: str) -> None:
    sentences = [text for part in SENTENCES[language].values() for text in part[kind]]
    missed = [text for text in sentences if risk(text) is None]
    assert len(sentences) >= 20
    assert len(missed) <= 0.05 * len(sentences), missed


NAMES_AND_PLACES = [
    "This is Sue from accounting, the printer is out of toner.",
    "I talked to Sue about it.",
    "The tennis court booking is wrong.",
    "Please deliver to 14 Court Street.",
    "The shop in the food court closes at nine.",
    "Mr Burns would like an invoice.",
    "Run the smoke test before the release.",
    "I cannot fire up the app.",
    "I was burned out on your last update, it is too complicated.",
    "My Fire TV stick does not connect.",
    "The firewall blocks the port, and Firefox shows a blank page.",
    "How do I burn a CD with this software?",
    "I love the life hacks on your blog.",
    "Your prices are killing me.",
    "The battery died after an hour.",
    "I need a new battery for my smoke detector.",
    "Blue screen of death after the update.",
    "The regulator valve of the coffee machine leaks.",
    "I want to change my legal name in the profile.",
    "My father in law cannot log in.",
    "Can I add theft insurance to my phone?",
    "Robin Sparks ordered two lamps.",
    "Die Brennweite der Kamera stimmt nicht.",
    "Das Gericht war kalt, die Nudeln fehlten.",
    "Die Jugendherberge ist ausgebucht.",
    "Der Rauchmelder lässt sich nicht koppeln.",
    "Ich komme aus Brandenburg und verbrauche zu viel Strom.",
    "Je cherche le vol pour Paris.",
    "La crème brûlée était froide.",
    "Quiero ver los fuegos artificiales desde el hotel.",
    "Me llamo Pedro Llamas y vivo en un edificio robusto.",
    "Voglio mettere a fuoco la foto, ma la spia rossa lampeggia.",
    "A chamada caiu duas vezes.",
    "De rechter knop werkt niet en het hoofdgerecht ontbrak.",
    "Proszę o zwrot do rana.",
]


@pytest.mark.parametrize("text", NAMES_AND_PLACES)
def test_names_places_and_figures_of_speech_are_no_risk(text: str) -> None:
    assert risk(text) is None


def test_a_harmless_word_hides_no_risk_beside_it() -> None:
    assert risk("The smoke test went well, but the charger caught fire.") == "safety"
    assert risk("After the tennis match I will take you to court.") == "law"


def test_many_harmless_words_are_no_hiding_place() -> None:
    assert risk("I talked to Sue. " * 50) is None
    assert risk("I talked to Sue. " * 200) == "law"


PUBLIC = [
    "banking77",
    "clinc150",
    "bitext_customer_support",
    "hint3",
    "multidogo",
    "askubuntu_webapps",
    "endava_it_tickets",
]


@needs_shared
@pytest.mark.parametrize("folder", PUBLIC)
def test_at_most_two_in_a_hundred_public_messages_speak_of_a_risk(folder: str) -> None:
    texts = list(shared_texts(folder))
    assert sum(1 for text in texts if risk(text)) / max(1, len(texts)) <= 0.02
