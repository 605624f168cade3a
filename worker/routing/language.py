"""A cheap guess at a text's language by its script; enough to see what the small model should not read.

Languages in Latin script are not told apart: the small model reads most of them well, and a low confidence escalates.
"""

import re

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

_SHARE = 0.3
"""Of all letters: a foreign name or a quoted word does not make a foreign text."""


def guess_language(text: str) -> str | None:
    """Name the language that stands for the text's main script (BCP 47); None for Latin script or no letters."""
    if text.isascii():
        return None
    letters = len(_LETTER.findall(text))
    for language, script in _SCRIPTS.items():
        if letters and len(script.findall(text)) / letters > _SHARE:
            return language
    return None
