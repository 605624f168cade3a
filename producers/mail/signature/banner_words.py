"""How gateways' banners are worded, by language."""

# ruff: noqa: RUF001 - letters of other alphabets are meant

import re

_CALLS = (
    r"caution|warning|attention|notice|alert|be careful|security (?:notice|warning)|important|achtung|vorsicht|warnung"
    r"|warnhinweis"
    r"|hinweis|avertissement|prudence|precauci[oó]n|advertencia|atenci[oó]n|aten[cç][aã]o|cuidado|attenzione|let op"
    r"|waarschuwing"
    r"|opgelet|uwaga|varning|obs|advarsel|varoitus|huomio|pozor|upozornění|dikkat|внимание|увага|注意|警告|주의"
)
_EXTERNAL = (
    r"(?:external|ext|extern[eor]?|externí|esterno|esterna|ekstern|zewn[eę]trzn\w{0,4}|внешн\w{0,4}|externes?|外部)"
    r"(?:[ -](?:e-?mail|mail|sender|message|courriel|correo|absender|nachricht|afzender|avsändare|邮件|メール))?"
)
EXTERNAL = re.compile(_EXTERNAL, re.IGNORECASE)
TAG = re.compile(rf"[\W_]{{0,12}}(?:{_CALLS}|{_EXTERNAL})(?:[\W_]{{1,12}}{_EXTERNAL})?[\W_]{{0,12}}", re.IGNORECASE)
LEAD = re.compile(
    rf"[\W_]{{0,12}}(?:(?:{_CALLS}|{_EXTERNAL})(?:[\W_]{{1,12}}{_EXTERNAL})?\s?[\]:!.*"
    rf"|\-\u2013\u2014\uff1a]{{1,4}}\s{{0,4}}[\W_]{{0,6}})?",
    re.IGNORECASE,
)

_THIS = (
    r"(?:th(?:is|e sender of this)|th(?:is|e following)|diese[rs]?|der absender dieser|cet?|cette|l'expéditeur de ce"
    r"|este|esta|el remitente de este"
    r"|quest[oa]|dit|deze|de afzender van dit|ta|ten|niniejsz[ay]|nadawca tej|detta|denna|den här|denne|dette|tämä"
    r"|tämän|tato|tento|bu|это"
    r"|данное|此|本|この|이)"
)
_MAIL = (
    r"(?:e-?mail|message|mail|sender|nachricht|absender|courriel|expéditeur|correo|mensaje|remitente|mensagem"
    r"|messaggio|mittente|bericht"
    r"|afzender|wiadomość|nadawc\w{1,3}|meddeland\w{1,3}|avsändar\w{1,3}|meddelels\w{1,3}|e-?post\w{0,6}"
    r"|melding\w{0,3}|viesti\w{0,3}"
    r"|sähköposti\w{0,3}|zpráva|e-?posta|ileti|письмо|сообщение|отправитель|邮件|郵件|メール|메일)"
)
_IS = (
    r"(?:\b(?:is|was|has|have|came|comes|originat\w{1,4}|sent|received|kommt|stammt|wurde|ist|kam|provient|vient|a été"
    r"|est|émane|proviene"
    r"|procede|origin[oó]|viene|fue|es|ha sido|vem|veio|foi|é|provém|è|arriva|komt|is|werd|afkomstig|pochodzi|została"
    r"|jest|kommer|skickades|har|är"
    r"|er|stammer|tulee|on|pochází|byla?|je|gönderil\w{1,6}|получено|пришло|отправлено|является)\b|来自|來自|は|은|는)"
)
_OUTSIDE = (
    r"(?:outside|external\w{0,2}|extern\w{0,2}|außerhalb|ausserhalb|extérieu\w{1,3}|exterieu\w{1,3}|hors d|en dehors"
    r"|fuera de|exterior|externo|externa"
    r"|fora d[aeo]|esterno|esterna|esterni|al di fuori|dall'esterno|buiten|spoza|zewn[eę]trz\w{0,5}|utanför|utifrån"
    r"|uden for|utenfor|udefra"
    r"|ekstern\w{0,2}|ulkopuol\w{1,6}|mimo|externí\w{0,3}|dışından|dışarıdan|извне|внешн\w{1,3}|外部|외부)"
)
_ABOUT = r"(?!.{0,30}\b(?:about|regarding|concerning|über|bezüglich|concernant|sobre|over|dotyczy)\b)"
ORIGIN = re.compile(rf"[\W_]{{0,6}}{_THIS}.{{0,12}}?{_MAIL}.{{0,30}}?{_IS}{_ABOUT}.{{0,30}}?{_OUTSIDE}", re.IGNORECASE)
TAIL = re.compile(
    r"unsafe|malicious|phishing|harmful|links?\b|attachments?|anhänge|pièces jointes|adjuntos|anexos|allegati|bijlagen"
    r"|załącznik|bilag",
    re.IGNORECASE,
)
FIRST_CONTACT = re.compile(
    r"[\W_]{0,6}(?:you don['\u2019]t often get e-?mail from|some people who received this message don['\u2019]t often "
    r"get e-?mail"
    r"|sie erhalten nicht (?:häufig|oft) e-?mails? von|einige personen, die diese nachricht erhalten haben"
    r"|vous ne recevez pas souvent d['\u2019]e-?mails? de|vous n['\u2019]obtenez pas souvent d['\u2019]e-?mail"
    r"|no suele? recibir correos? electrónicos? de|non si ricevono spesso messaggi di posta elettronica da"
    r"|u ontvangt niet vaak e-?mail van|você não costuma receber|não costuma receber e-?mails?"
    r"|nie otrzymujesz często wiadomości"
    r"|du får inte ofta e-?post från|du får ikke ofte e-?(?:mails?|post) fra)",
    re.IGNORECASE,
)
ADVICE = re.compile(
    r"[\W_]{0,12}(?:please )?(?:(?:do not|don['\u2019]t|never|avoid) (?:click|open|reply|respond|forward|provide"
    r"|enter)\w{0,3}"
    r"|(?:exercise|use|take) (?:extreme )?caution|be (?:careful|cautious|vigilant)|think before you click"
    r"|stop and think|only (?:click|open)"
    r"|report suspicious|report (?:this|any|phishing)|learn why this is important|if you (?:suspect|are unsure"
    r"|do not recogni|believe this)"
    r"|verify the sender|unless you recogni"
    r"|(?:klicken|öffnen|antworten) sie (?:bitte )?(?:nicht|keine|nur)|bitte (?:klicken|öffnen) sie|seien sie"
    r"|links und anhänge"
    r"|erfahren sie, warum|ne cliquez|n['\u2019]ouvrez|soyez (?:prudent|vigilant)|merci de (?:ne pas cliquer|vérifier)"
    r"|découvrez pourquoi"
    r"|no (?:haga|abra|pulse)|tenga (?:precaución|cuidado)|averigüe por qué|não (?:clique|abra)|tenha cuidado"
    r"|saiba por que"
    r"|non (?:fare clic|cliccare|aprire)|prestare attenzione|scopri perché|klik niet|open geen|wees voorzichtig"
    r"|ontdek waarom"
    r"|nie (?:klikaj|otwieraj)|klicka inte|öppna inte|klik ikke|åbn ikke|klikk ikke|åpne ikke|älä (?:avaa|klikkaa)"
    r"|neklikejte|neotevírejte"
    r"|не (?:переходите|открывайте|нажимайте)|请勿|請勿)",
    re.IGNORECASE,
)
