"""What mail clients' markup says: this is quoted, this is the signature, from here on it is history."""

import re

from producers.mail.markup.containers import TAGS
from producers.mail.reply.lines import Mark

_LONGEST = 2_000

# Names of classes and ids. Outlook puts "x_" before those of a message that it quotes.
_CITED = re.compile(
    r"\b(?:class|id|name)\s*=\s*[\"']?[^\"'>]*\b(?:x_)*(?:gmail_attr|moz-cite-prefix|(?:ydp\w{1,12}?)?yahoo_quoted"
    r"|protonmail_quote|tutanota_quote|zmail_extra|front-blockquote|mail-quote-collapse|mail-editor-reference-message"
    r"|ms-outlook-mobile-reference-message|messageReplySection|edo-original|cm_quote|ntes-mailmaster-quote"
    r"|isReplyContent)|\bname\s*=\s*[\"']?quote\b",
    re.IGNORECASE,
)
_CITE = re.compile(r"\btype\s*=\s*[\"']?cite|\bgmail_quote|\bprotonmail_quote|\btutanota_quote", re.IGNORECASE)
_HISTORY = re.compile(
    r"\b(?:class|id)\s*=\s*[\"']?[^\"'>]*\b(?:x_)*(?:OutlookMessageHeader|divRplyFwdMsg|zwchr|stopSpelling)\b"
    r"|data-marker\s*=\s*[\"']?__DIVIDER__"
    r"|border:\s*none;\s*border-top:\s*solid\s+#(?:B5C4DF|E1E1E1)\s+1\.0pt",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"\b(?:class|id)\s*=\s*[\"']?[^\"'>]*\b(?:gmail_signature|moz-signature|protonmail_signature_block"
    r"|ms-outlook-mobile-signature|tutanota_signature|(?:ydp\w{1,12}?)?yahoo-signature|composer_signature|edo-signature"
    r"|messageSignatureSection)\b|\bname\s*=\s*[\"']?messageSignatureSection"
    r"|\bid\s*=\s*[\"']?(?:x_)*Signature\b|\bdata-signatureblock\s*=\s*[\"']?true",
    re.IGNORECASE,
)


def role(name: str, tag: str) -> Mark | None:
    """Say what an opening tag makes of the text inside it; None where it says nothing."""
    if name not in TAGS:
        return None
    tag = tag[:_LONGEST]
    if name == "blockquote":
        return Mark.CITED if _CITE.search(tag) else Mark.INDENTED
    if "=" not in tag:
        return None
    if _HISTORY.search(tag):
        return Mark.HISTORY
    if _CITED.search(tag):
        return Mark.CITED
    return Mark.SIGNATURE if _SIGNATURE.search(tag) else None
