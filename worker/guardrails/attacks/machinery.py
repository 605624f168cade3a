"""Talk of a model's machinery that support tickets have no words for, once what people and logs do write is set apart.

People get system messages, are prompted by the system, paste XML, JSON and logs, and fill in forms that ask for an
urgency. None of that speaks to anybody; so most rules here want the order beside the word.
"""

from worker.guardrails.attacks.rule import rule

ADDRESSED = (
    r"\b(obey|language model|you are (an?|the|no longer an?) (ai|llm|assistant|model|bot|classifier|triage)"
    r"|as an? (ai|llm|assistant|classifier)|((to|for) the|to|the) (ai|llm|assistant):"
    r"|(dear|hey|hello|attention|note to) (ai|llm|model|assistant|bot|classifier)"
    r"|(ignore|disregard|override|forget) (all |any |the |your )?(previous|prior|above|earlier) "
    r"|(?<!my )(?<!our )(earlier|previous|prior) instructions|must be (paged|marked|set|classified)"
    r"|(do not|don't|never) (flag|page|involve)|(no|without( a| any)?) human (is|review|needed|required|intervention)"
    r"|(classify|label|triage|rate|output) (this|it|the|as|only)"
    r"|mark (this|it|the ticket) as (low|resolved|spam|closed|not)"
    r"|(answer|respond|reply) (with )?(exactly|json|low|high|\")|(the|your) (real|new|only) task"
    r"|(the|your) (correct|right|only|final) (answer|output|classification|verdict)"
    r"|you must (answer|respond|output|classify|set|mark|choose|reply|return|treat))"
)
"""Words that are said to a model. A label, a tag or a form's line proves something only beside them."""

_ASK = (
    r"\b(show|print|reveal|repeat|output|display|paste|encode|translate|leak|dump|recite|tell|give|(need|want) to see"
    r"|opposite|sentence|everything)\b"
)
_SET = r"(set|output|return|classify|label|print|write|(respond|reply|answer) with|(it|this|ticket) (is|as))"

MACHINERY = (
    rule(
        "system prompt|system message|system instruction|developer message|developer prompt",
        rf"{_ASK}[^.!?\n]{{0,60}}\b(your|its) (system|developer) (prompt|message|instruction)s?\b"
        rf"|{_ASK}[^.!?\n]{{0,40}}\bthe (entire |full |whole |original |initial )?system prompt\b.{{0,20}}"
        r"|\bthe system prompt\b[^.!?\n]{0,40}\b(verbatim|word for word|in full)\b"
        r"|\byour system (prompt|instruction)s?\b.{0,20}"
        r"|\b(read|recite|show|give|tell) me( \w{1,9}){0,2} system prompts?\b"
        rf"|(^|\n)\W{{0,5}}(system|developer) (prompt|message|instruction)s?\s?:.{{0,120}}({ADDRESSED}|\byou obey\b)",
        unless=r"prompts? (me|us|you|him|her|them|users?|everyone|to|that|asks?|asking|appears?|again|when|every"
        r"|windows?|dialog|box|for (a|the|my|your|admin|user|login|pass))\b"
        r"|messages? (about|that|saying|says|on)\b|instructions? (page|manual|for|about|on|in|say|are)\b",
    ),
    rule("initial prompt", rf"{_ASK}[^.!?\n]{{0,60}}\binitial prompt\b"),
    rule("system override", r"\bsystem override( (confirmed|activated|engaged|initiated|code)|\W{1,3}(you|ignore))\b"),
    rule("<|im_|<|sys|[/inst]|<<sys", r"<\|\w{1,30}\|>|\[/inst\]|<</?sys>>"),
    rule("[system]|<system>|</system>|<assistant>", rf"(\[system\]|</?(system|assistant)>).{{0,200}}{ADDRESSED}"),
    rule("<!--", rf"<!--\s{{0,9}}(system|assistant|ai|llm)\b.{{0,120}}({ADDRESSED}|\burgen)"),
    rule(
        "refusal",
        r"\b(no|allow(ed)?|blocked) ?_?(refusals?|apologies|disclaimers?)\b.{0,120}"
        r"\b(no|allow(ed)?|blocked) ?_?(refusals?|apologies|disclaimers?)",
    ),
    rule(
        "you are now|you are no longer",
        r"\byou are (now|no longer)( called| named| playing| acting as)? ((an?|the|my|in|bound|going)\b|[a-z]{2,9},)"
        r"[^.!?\n]{0,60}\b(assistant|model|ai|bot|mode|triage|classifier)\b",
        unless=r"\bin (safe|maintenance|read-?only|offline|demo|airplane|flight|night|sleep|recovery|test|trial|power"
        r"|edit|compatibility|private|incognito|dark)"
        r"|\bin (the |a )?(queue|chat|conversation|session)|connected|chatting"
        r"|\ba (premium|member|subscriber|customer|user)\b",
    ),
    rule("needs_human|decided_by", r"needs_human|decided_by"),
    rule(
        "urgency|category",
        rf"\b{_SET}[ \"'`]{{1,3}}(\w{{1,12}}[ \"'`]{{1,3}}){{0,3}}(urgency|category)\"?"
        r"\s{0,9}(:|=|to \"?(low|other)\b)"
        r"|\"(urgency|category)\"[^}]{0,300}\"(confidence|reason)\"[^}]{0,300}\"(urgency|category|confidence|reason)\""
        rf"|\b(urgency|category)\"?\s{{0,9}}[:=].{{0,120}}{ADDRESSED}"
        rf"|{ADDRESSED}.{{0,120}}\b(urgency|category)\"?\s{{0,9}}[:=]",
        unless=r"category\s?=\s?[a-z._]*(warning|none|category)\b",
    ),
    rule(
        "your new|your real|your actual|your only|the real task",
        r"\byour (new|real|actual|only) (task|instructions?|role)(:| (is|are)( now| to|:)| begins?| starts?| here)"
        r"|\byour (new|real|actual|only) task (is|will)\b|\bthe real task\s{0,9}(:|is\b)",
    ),
    rule(
        "pretend|role|act as", r"\b(pretend you are an?|you are role-?playing|act as (an?|my) (ai|assistant|bot|dan))\b"
    ),
    rule(
        "from now on",
        r"\bfrom now on,? you (will |must |are |should )?(act|respond|answer|reply|going|behave)\b.{0,20}",
        unless=r"\b(reply|respond|answer)( only)? (to|me|us|by|via|at)\b",
    ),
    rule(
        "do anything now|stay in char",
        r"(?<!cannot )(?<!not )(?<!n.t )(?<!unable to )(?<!never )\bdo anything now\b|\bstay in character\b",
    ),
    rule(
        "decode",
        r"\bdecode (this|that|it|these|the (following|text|string|message|payload)|base64)\b.{0,40}"
        r"\b(follow|execute|obey|do what)\b",
    ),
    rule("triage", r"\btriage (model|bot)\b"),
    rule(
        "unfiltered|uncensored|amoral|unmoral|unethical",
        r"\b(unfiltered|uncensored|amoral|unmoral|unethical)\b.{0,60}\b(ai|chatbot|chat ?gpt|assistant|responses?)\b",
    ),
)
