"""Words to the machine behind the back of the staff: notes, headings and remarks that name a model as their reader."""

from worker.guardrails.attacks.rule import rule

_KIND = r"( agent| model| system| assistant| classifier)?s?"
_MODEL = rf"((ai|llm|(large |whatever )?language model|triage (model|bot|system)){_KIND})"
"""Names that only a model has; robots, assistants and classifiers are also sold, hired and repaired."""

_THING = r"(robot|assistant|bot|classifier|model|triage)s?"
_EACH = r"(the |any |all |every )?"
_NOTE = r"\b(note|message|attention|instructions?) (to|for)"
_COLON = r"\s{0,3}[:\u2013\u2014]\s{0,3}"
_DO = (
    r"(ignore|disregard|classify|label|rate (this|it)|triage (this|it)|treat (this|it|the)|output|escalate"
    r"|(please )?(mark|set|close|resolve|page) (this|it|all|every|the|urgency|as)"
    r"|(do not|don'?t|never) (escalate|flag|page|alert|show|tell)"
    r"|you (must|should|are to) (mark|set|close|classify|answer|reply|respond|ignore)"
    r"|this (customer|ticket|mail|message|user) )"
)
"""What a model is told to do. Chat bots that customers quote say much, but none of this."""

ASIDES = (
    rule(
        "attention|note to|note for|message to|message for|instruction to|instructions to|instruction for"
        "|instructions for",
        rf"{_NOTE} {_EACH}{_MODEL}"
        r"(\W{0,3}$|\s{0,3}[:,.;\u2013\u2014-]|\s?\n| (reading|processing|handling|that|who|which)\b)"
        rf"|\battention,? (all )?{_MODEL}\s?[:!]"
        rf"|{_NOTE} {_EACH}{_THING}\s{{0,3}}[:,\u2013\u2014-]{{1,2}}\s{{0,3}}{_DO}",
    ),
    rule(
        " ai| llm|robot|language model|triage|bot|assistant|classifier",
        rf"\b(to|for) (the |any |all |every |whichever |whatever ){_MODEL}\s{{0,9}}:"
        rf"|\b(to|for) (the |any |all |every |whichever |whatever )?{_MODEL}"
        rf"(\s{{0,9}}([:,\u2013\u2014]\s?{_DO}|-\s)| (that |which )?(process|read)(s|es|ing)? (this|the)\b)"
        rf"|\b(to|for) {_EACH}{_THING},? not (for |to )?(the )?(human|people|staff)"
        rf"|\b(to|for) {_EACH}{_THING}{_COLON}{_DO}",
    ),
    rule(
        "ai:|ai :|ai agent|ai system|ai model|ai assistant|llm|robot|language model|triage|classifier|bot:|bots:"
        "|assistant|model:|models:",
        rf"(^|\n)\W{{0,9}}({_MODEL}|{_THING}){_COLON}{_DO}",
    ),
    rule(
        "important|attention|urgent|note",
        rf"\b(important|attention|urgent|note)\s?[:!\u2013\u2014-]\s{{0,2}}(to|for) {_EACH}{_MODEL}\b",
    ),
    rule(
        "hinweis an|anweisung an|nachricht an",
        r"\b(hinweis|anweisung|nachricht) an (die |das |alle )?(automatische\w?|ki|sprachmodell)\b",
    ),
    rule("l'ia|l\u2019ia", r"\b(note|instructions?|message) (pour|à) l['\u2019]ia\b"),
    rule(
        "para la ia|para el modelo",
        r"\b(nota|instrucci[oó]n(es)?|mensaje) para (la ia\b|el modelo( de lenguaje\b|\s?:))",
    ),
)
