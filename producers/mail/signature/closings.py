"""How people and their telephones end a mail, by language."""

# ruff: noqa: RUF001 - letters of other alphabets are meant

import re

CLOSING = re.compile(
    r"\W{0,3}(?:(?:with |many |much )?(?:thanks|thank you|thx|cheers) (?:and|&) (?:kind |best |warm )?regards"
    r"|(?:with )?(?:my |our )?(?:very )?(?:kind(?:est)?|best|warm(?:est)?)(?: personal)? (?:regards|wishes)"
    r"|regards|best|br|rgds|cheers|(?:yours )?(?:sincerely|faithfully|truly|respectfully)(?: yours)?|yours"
    r"|mit (?:freundlichen|besten|herzlichen|lieben) (?:grüßen|gruessen|grüssen)|mfg|mit freundlichem gruß"
    r"|(?:viele|liebe|beste|herzliche|freundliche|schöne) (?:grüße|gruesse|grüsse)|lg|vg|bg|gruß|grüße"
    r"|(?:bien )?(?:cordialement|amicalement)(?: vôtre)?|(?:meilleures )?salutations(?: distinguées)?|bien à vous"
    r"|(?:un )?(?:cordial|atento) saludo|saludos(?: cordiales)?|atentamente|un saludo"
    r"|(?:cordiali|distinti) saluti|saluti|cordialmente|atenciosamente|(?:os )?melhores cumprimentos|abraços"
    r"|met vriendelijke groet(?:en)?|vriendelijke groet(?:en)?|groet(?:en|jes)?|mvg"
    r"|(?:med )?vänliga hälsningar|mvh|hälsningar|med vennlig hilsen|med venlig hilsen|venlig hilsen|hilsen"
    r"|(?:ystävällisin )?terveisin|terv|pozdrawiam|z poważaniem|s pozdravem|s úctou|üdvözlettel|saygılarımla"
    r"|с уважением|с наилучшими пожеланиями|з повагою|cu stimă|με εκτίμηση"
    r"|此致(?:敬礼)?|祝好|顺祝商祺|よろしくお願い(?:いた)?します。?|敬具|감사합니다)[\s,.!\uff0c\u3002]{0,4}$",
    re.IGNORECASE,
)

_DEVICE = r"[^\n.?!;]{1,60}"
MOBILE = re.compile(
    rf"\W{{0,3}}(?:sent (?:from|via|with|by|using) (?:my|a|an|the|outlook|yahoo|mail|gmail|samsung|iphone|ipad|type\w+"
    rf"|android|proton\w*|[A-Z]\w+)\b(?:{_DEVICE})?|get (?:outlook|typeapp|bluemail) for {_DEVICE}"
    rf"|(?:von|aus) (?:meinem|meiner|outlook|der|yahoo|web|mail|gmx|samsung)\b{_DEVICE}|gesendet (?:von|mit"
    rf"|aus){_DEVICE}"
    rf"|diese nachricht wurde von meinem{_DEVICE}"
    rf"|envoyé (?:depuis|de|à partir de|avec){_DEVICE}|télécharger outlook{_DEVICE}"
    rf"|enviado (?:desde|de|do|da|con|a partir){_DEVICE}|obtener outlook{_DEVICE}|obter o outlook{_DEVICE}"
    rf"|inviato (?:da|dal|con|tramite){_DEVICE}|scarica outlook{_DEVICE}"
    rf"|(?:verzonden|verstuurd|verstuurt) (?:vanaf|vanuit|met|via){_DEVICE}|skickat från{_DEVICE}|sendt fra{_DEVICE}"
    rf"|hent outlook{_DEVICE}|lähetetty{_DEVICE}|hanki outlook{_DEVICE}|wysłan[eo] z{_DEVICE}|odesláno z{_DEVICE}"
    rf"|отправлено (?:с|из|от){_DEVICE}|надіслано з{_DEVICE}|\S{{1,20}} gönderildi|trimis de pe{_DEVICE}"
    rf"|(?:发自我的|從我的|从我的|傳送自|發自我的){_DEVICE}|\S{{1,20}}から送信|나의 {_DEVICE}에서 보냄)"
    r"(?:[<(]\S{1,200}[>)]|\s?\([^()\n]{1,60}\))?\s*$",
    re.IGNORECASE,
)

POSTSCRIPT = re.compile(r"\W{0,3}(?:p\s?\.?\s?s|n\.?b|ps)\b[.:\s]", re.IGNORECASE)

MATTERS = re.compile(
    r"\b(?:order|invoice|customer|account|ticket|case|booking|reference|ref|serial|contract|policy|imei|iban|tracking"
    r"|bestellung|bestellnummer|rechnung\w*|kunden\w*|vertrag\w*|commande|facture|client|pedido|factura|cliente|ordine"
    r"|fattura|fatura|заказ\w*|счет\w*)\b.{0,20}\d",
    re.IGNORECASE,
)
"""A number that names what the message is about may stand below the closing, and is then no signature."""
