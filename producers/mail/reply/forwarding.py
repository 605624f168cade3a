"""Tell whether the writer of a forwarded message says anything, or only the forwarded one speaks."""

import re

_MAX_WORDS = 8
_NOTHING = re.compile(
    r"\W*(?:(?:hi|hello|hallo|dear|bonjour|hola)\b[^\n]{0,30}\n\s*)?"
    r"(?:fy[ia]|for (?:your|the) (?:information|attention|records?)|(?:please |pls )?(?:see|check|find|look at|handle"
    r"|advise|help|read|forward(?:ed|ing)?|as discussed|take care)\b|(?:the )?(?:forwarded|below|attached)\b|z(?:ur"
    r"|u) (?:info\w*|kenntnis)"
    r"|zk|siehe|bitte|anbei|pour (?:info\w*|votre)|voir|ci-(?:dessous|joint)|para su|para tu|ver abajo|adjunto"
    r"|per (?:vostra|tua) (?:info\w*"
    r"|conoscenza)|vedi|ter info\w*|zie|tiedoksi|för kännedom|til orientering|do wiadomości|для информации|к сведению"
    r"|см\b|供参考|请看|ご参考)",
    re.IGNORECASE,
)


def says_nothing(text: str) -> bool:
    """Tell whether these words only point at what is forwarded ("FYI", "see below")."""
    words = text.split()
    return not words or (len(words) <= _MAX_WORDS and "?" not in text and bool(_NOTHING.match(text)))
