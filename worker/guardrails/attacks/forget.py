# ruff: noqa: RUF001 - the languages have the letters that they have
"""Orders to forget the orders, in the languages that the fleet meets.

"Please ignore my previous instructions" is said by customers every day: what is taken back is their own, or about a
delivery. And firewalls, mailboxes and installers have rules and prompts of their own to bypass and to ignore.
"""

from worker.guardrails.attacks.rule import rule

_ORDERS = r"(instructions?|rules|prompts?|guidelines|directives?)\b"
_WHOSE = (
    r"(all|any|every|everything|previous|prior|above|preceding|earlier|initial|original|existing|past|former|following"
    r"|your|system|safety|moral|ethical|openai)"
)
_GIVEN = r"(previous|prior|above|preceding|earlier|initial|original|your|safety|moral|ethical|openai)"
_SAY = r"(say|print|output|reply|respond|answer|tell|give|write|page|mark|set|close|escalate|treat|do as)"
_OWN = (
    r"\b(my|our|i|we|me|deliver\w{0,5}|shipping|driver|courier|payment|mail|firewall|routing|spam|inbox)\b"
    r"|\b(from|about|in|on|for|regarding|concerning)$"
)

FORGET = (
    rule(
        "ignore|ignoring|disregard|forget|override|bypass",
        rf"\b(ignore|disregard|forget)\b[^.!?]{{0,25}}\b{_WHOSE}\b[^.!?]{{0,40}}?\b{_ORDERS}"
        r"( (i|we|that (i|we)|from|about|in|on|for|regarding|concerning)\b)?"
        rf"|\b(ignore|disregard|forget)\b.{{0,30}}\b{_ORDERS}.{{0,9}}"
        r"\b(you (were|have been|had been|are|have|got)|given to you|above)\b"
        rf"|\b(ignore|disregard|forget)( the| these| those)? {_ORDERS} (and|then) (just |only )?{_SAY}\b"
        rf"|\b(ignoring|override|bypass)\b[^.!?\n]{{0,25}}\b{_GIVEN}\b[^.!?\n]{{0,40}}?\b{_ORDERS}"
        r"|\bbypass\W{1,4}prompt\b",
        unless=_OWN,
    ),
    rule(
        "told|taught|above and",
        r"\b(ignore|disregard|forget)\b.{0,25}\byou('ve| have| were| had)( been)? (told|taught|instructed|programmed)\b"
        r"|\b(ignore|disregard) (all |everything )?(of )?(the )?above and (just |only |instead )?"
        rf"{_SAY}\b",
    ),
    rule(
        "anweisung|regeln|vorgaben|instruktion",
        r"\b(ignorier(e|en sie|t)?|vergiss|vergessen sie|missachte\w{0,4}( sie)?)( bitte| jetzt| nun)?"
        r" (alle|die|deine|ihre|sämtliche|jede|[a-z]{0,9}(vorherige|bisherige|obige|frühere))\w{0,3}\b.{0,30}"
        r"\b(anweisung|regeln|vorgaben|instruktion)",
        unless=r"\b(mein|unser|liefer|versand|zustell|firewall|spam)",
    ),
    rule(
        "instructies|regels",
        r"\b(negeer|vergeet) (alsjeblieft )?(al|alle|de|je|jouw|uw|alle)\b.{0,30}\b(instructies|regels)",
        unless=r"\b(mijn|onze|ons|bezorg|lever|firewall|spam)",
    ),
    rule(
        "instruc|reglas|indicacion",
        r"\b(ignor(a|e|en|ar|ad)|olvid(a|e|en|ar|ad)|desestim(a|e|en))( por completo)?"
        r" (tod[oa]s?|las|tus|sus|cualquier)\b.{0,30}\b(instruc|reglas|indicacion)",
        unless=r"\b(mis?|nuestr\w{1,2}|entrega|env[ií]o|firewall|spam)\b",
    ),
    rule(
        "instruç|instruc|regras",
        r"\b(ignor(a|e|em|ar)|esque[cç](a|e|am|er)|desconsider(e|em|ar)) (tod[oa]s?|as|suas|quaisquer)\b.{0,30}"
        r"\b(instruç|instruc|regras)",
        unless=r"\b(minhas?|meus?|noss\w{1,2}|entrega|envio|firewall|spam)\b",
    ),
    rule(
        "instruction|consigne|règles",
        r"\b(ignore[zr]?|oublie[zr]?) (immédiatement )?(toutes?|tout|les|tes|vos|l['\u2019]ensemble des)\b.{0,40}"
        r"\b(instruction|consigne|règles)",
        unless=r"\b(mes|nos|notre|ma|livraison|pare-feu|spam)\b",
    ),
    rule(
        "istruzion|regole",
        r"\b(ignora(te|re)?|dimentica(te|re)?) (tutt[ei]|le|ogni|qualsiasi)\b.{0,30}\b(istruzion|regole)",
        unless=r"\b(mie|mia|nostr\w|consegna|spedizione|firewall|spam)\b",
    ),
    rule(
        "instrukcj|polece|zasad",
        r"\b(zignoruj|zapomnij|pomiń)(cie)? (o )?(wszystki|poprzedni|wszelki|swoi|twoi)\w{1,3}"
        r".{0,30}\b(instrukcj|polece|zasad)",
        unless=r"\b(moje|moich|moją|nasze|naszych|dostawy)\b",
    ),
    rule(
        "instruktion|regler",
        r"\b(ignorera|glöm|ignorer|glem) (alla|alle|tidigare|tidligere|föregående|dina|dine)\b.{0,30}"
        r"\b(instruktion|regler)",
        unless=r"\b(mina|våra|mine|vores|leverans)\b",
    ),
    rule(
        "talimat",
        r"\btalimat\w{0,9}\b.{0,30}\b(yok say|unut(un|unuz)?\b|görmezden)",
        unless=r"\btalimat\w{0,3}(ım|im|um|üm)",
    ),
    rule(
        "инструкц|указани|правил",
        r"\b(игнорир|забудь|не обращай)\w{0,9}\b.{0,40}\b(инструкц|указани|правил)",
        given=r"\b(все|предыдущ|прежн|свои|эти|вышеуказ)",
        unless=r"\b(мои|моих|наши|наших|доставк)",
    ),
    rule("تجاهل", r"تجاهل.{0,40}(التعليمات|الأوامر|القواعد)"),
    rule(
        "無効|無視|忘れ",
        r"[^。]{0,15}(指示|命令|ルール)(は|を|も)[^。]{0,12}(無効|無視し|忘れて)",
        given=r"以前|前の|これまで|今まで|すべて|全て|上記|指示を無視し",
        unless=r"私の|当社の|弊社の",
    ),
    rule(
        "忽略|无视|無視|忘记|忘記",
        r"(忽略|无视|無視|忘记|忘記).{0,12}(指令|指示|说明|規則|规则|提示)",
        given=r"以前|之前|先前|前面|上面|以上|所有|你的",
        unless=r"我的|我们的",
    ),
    rule(
        "무시|잊", r".{0,10}(지시|명령|규칙|지침).{0,12}(무시|잊)", given=r"이전|모든|위의|앞", unless=r"제 |저희|내 "
    ),
    rule(
        "निर्देश|आदेश",
        r".{0,20}(निर्देश|आदेश).{0,25}(अनदेखा|नज़रअंदाज़|नजरअंदाज|भूल)",
        given=r"पिछले|सभी|पूर्व|उपरोक्त|पहले|अपने",
        unless=r"मेरे|हमारे",
    ),
    rule(
        "নির্দেশ",
        r".{0,20}নির্দেশ.{0,25}(উপেক্ষা|ভুলে)",
        given=r"পূর্ব|আগের|সমস্ত|সব|উপরের",
        unless=r"আমার|আমাদের",
    ),
    rule(
        "คำสั่ง|คำแนะนำ",
        r"(ละเว้น|เพิกเฉย|ไม่ต้องสนใจ|ลืม).{0,20}(คำสั่ง|คำแนะนำ).{0,15}",
        given=r"ก่อนหน้า|ทั้งหมด|ข้างต้น|เดิม",
        unless=r"ของฉัน|ของผม|ของเรา",
    ),
    rule(
        "hướng dẫn|chỉ dẫn|chỉ thị|mệnh lệnh",
        r"\b(bỏ qua|quên|phớt lờ)\b.{0,30}\b(hướng dẫn|chỉ dẫn|chỉ thị|mệnh lệnh)\b.{0,12}",
        given=r"trước|tất cả|mọi|trên",
        unless=r"của (tôi|chúng tôi|mình)",
    ),
    rule(
        "instruksi|perintah|petunjuk",
        r"\b(abaikan|lupakan)\b.{0,30}\b(instruksi|perintah|petunjuk)\b.{0,15}",
        given=r"sebelumnya|semua|segala|di atas",
        unless=r"\b(saya|kami)\b",
    ),
    rule(
        "tagubilin|panuto|utos",
        r"\b(huwag pansinin|balewalain|kalimutan)\b.{0,30}\b(tagubilin|panuto|utos)",
        given=r"nakaraan|lahat|nauna|\bmga\b",
        unless=r"\b(ko|namin)\b",
    ),
)
