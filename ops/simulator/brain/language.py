"""A guess at a text's language, by script and common small words."""

import re

UNDETERMINED = "und"
SAMPLE = 2_000
_SCRIPTS = (
    ("ja", re.compile("[぀-ヿ]")),
    ("ko", re.compile("[가-힯]")),
    ("zh", re.compile("[一-鿿]")),
    ("ar", re.compile("[؀-ۿ]")),
    ("ru", re.compile("[Ѐ-ӿ]")),
)
_STOPWORDS = {
    "en": "the and is to of my you i it for have not this was with can are please that be your on been what how do",
    "de": "der die das und ist ich nicht ein eine mit für wir sie mein meine auf zu bitte habe wie kann von den es",
    "fr": "le la les et est je ne pas un une des vous mon ma nous pour dans sur avec bonjour que qui avez merci ai",
    "es": "el la los y es no un una mi que por para con en se me ha hola gracias pero cuando puedo desde del las",
    "pt": "o a os e é não um uma meu minha que por para com em se me foi olá obrigado mas quando posso do da na no",
    "it": "il la gli e è non un una mio mia che per con di mi ho ciao grazie ma quando posso del della sono lo",
    "nl": "de het een en is ik niet mijn van dat voor met op u wij zijn heb kan maar graag ook naar bij hoe",
    "pl": "i nie jest się na do to że w z mój moje moja proszę dzień dobry jak czy ale po od mam mi dziękuję",
    "tr": "ve bir bu için değil ben benim çok ne mi lütfen merhaba ile da de var yok nasıl ama hesabım teşekkürler",  # noqa: RUF001 - the Turkish letter is meant
}
_BY_WORD: dict[str, tuple[str, ...]] = {}
for _language, _line in _STOPWORDS.items():
    for _word in _line.split():
        _BY_WORD[_word] = (*_BY_WORD.get(_word, ()), _language)
SMALL_WORDS = frozenset(_BY_WORD)


def guess_language(text: str, tokens: list[str]) -> str:
    """Return a BCP 47 code, or `und` when nothing speaks for any."""
    sample = text[:SAMPLE]
    if not sample.isascii():
        for code, script in _SCRIPTS:
            if len(script.findall(sample)) * 5 > len(sample):
                return code
    return _by_stopwords(tokens)


def _by_stopwords(tokens: list[str]) -> str:
    votes: dict[str, float] = {}
    for token in tokens:
        for language in _BY_WORD.get(token, ()):
            votes[language] = votes.get(language, 0.0) + 1.0
    return max(votes, key=lambda language: votes[language]) if votes else UNDETERMINED
