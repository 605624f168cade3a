"""Languages: whether a text is in one that the small model reads.

Scripts are told apart by their letters, texts in Latin script by their function words. Where those are not sure, a
detector (py3langid, naive Bayes over bytes, 142 languages) says how probable it is that the text is in none of them.
"""

import re
from collections.abc import Collection
from functools import cache
from typing import TYPE_CHECKING

from worker.routing.lexicon import lexicons
from worker.routing.words import Words

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_SCRIPTS = {
    "ar": re.compile("[\u0600-\u06ff\u0750-\u077f]"),
    "he": re.compile("[\u0590-\u05ff]"),
    "ru": re.compile("[\u0400-\u04ff]"),
    "el": re.compile("[\u0370-\u03ff]"),
    "hi": re.compile("[\u0900-\u097f]"),
    "th": re.compile("[\u0e00-\u0e7f]"),
    "ko": re.compile("[\uac00-\ud7af]"),
    "ja": re.compile("[\u3040-\u30ff]"),
    "zh": re.compile("[\u4e00-\u9fff]"),
}
_LETTER = re.compile(r"[^\W\d_]")
_ODD_LETTER = re.compile("[\u0100-\u0151\u0154-\u024f\u1e00-\u1effåæøðþÅÆØÐÞ]")
"""Latin letters that English, German, French, Spanish, Portuguese, Italian and Dutch have not."""

_SHARE = 0.3
"""Of all letters: a foreign name or a quoted word does not make a foreign text."""

_SURE = ((0.5, 2), (0.3, 4), (0.22, 8))
"""So much of a text in one language's function words, and at least so many of them, leave no doubt."""

_SHORT_WORDS = 2
"""Texts with no more words ("ok", "hello again") are in no language that matters."""

_CURT_WORDS = 8
_DOUBT, _CURT_DOUBT = 0.3, 0.12
"""What the probabilities of all languages that the small model reads come to, below which it should not read a text.
A curt text ("can I top up via SWIFT") shows little of its language, so more has to speak against it."""

_CHARACTERS = 600
_ALIASES = {"en": ("en", "pcm"), "nb": ("no", "nn"), "hr": ("hr", "bs", "sr")}
"""Names that the detector has for the same: Nigerian Pidgin is what it takes curt English for."""

_NO_LANGUAGE = ("zxx",)


def script_language(text: str) -> str | None:
    """Name the language that stands for the text's main script (BCP 47); None for Latin script or no letters."""
    if text.isascii():
        return None
    letters = len(_LETTER.findall(text))
    for language, script in _SCRIPTS.items():
        if letters and len(script.findall(text)) / letters > _SHARE:
            return language
    return None


def is_foreign(text: str, words: Words, small: Collection[str]) -> bool:
    """Whether the small model should not read a text; in doubt it should not, unless the text is short."""
    script = script_language(text)
    if script is not None:
        return script not in small
    spoken = frozenset(word for word in words.distinct if word.isalpha())
    if len(spoken) <= _SHORT_WORDS:
        return False
    language = None if _ODD_LETTER.search(text) else _by_function_words(spoken)
    if language is not None:
        return language not in small
    doubt = _CURT_DOUBT if len(spoken) <= _CURT_WORDS else _DOUBT
    return _probability(text[:_CHARACTERS], small) < doubt


def _by_function_words(spoken: frozenset[str]) -> str | None:
    counts = {lexicon.language: len(spoken & lexicon.common) for lexicon in lexicons()}
    language = max(counts, key=lambda name: counts[name])
    is_sure = any(counts[language] >= max(least, share * len(spoken)) for share, least in _SURE)
    return language if is_sure else None


def _probability(text: str, small: Collection[str]) -> float:
    labels = {label for language in small for label in _ALIASES.get(language, (language,))}
    ranked: list[tuple[str, float]] = _detector().rank(text)
    return sum(share for label, share in ranked if label in labels or label in _NO_LANGUAGE)


@cache
def _detector() -> "LanguageIdentifier":
    # Loading takes a second and 75 MB, so only a process that meets a doubtful text pays it.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
