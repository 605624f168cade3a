"""Gateways' banners and legal footers are nobody's words; a customer's words about such things are."""

# ruff: noqa: RUF001 - letters of other alphabets are meant

import pytest

from producers.mail.reply.split import split_reply

SAID = "Hello, it is broken.\n\nIt fails since Monday."


@pytest.mark.parametrize(
    "banner",
    [
        (
            "CAUTION: This email originated from outside of the organization. Do not click links or open "
            "attachments unless you recognize the sender and know the content is safe."
        ),
        (
            "CAUTION: This email originated from outside of the organization. Do not click\nlinks or open "
            "attachments unless you recognize the sender and know the content\nis safe."
        ),
        "[EXTERNAL] This message came from outside",
        "[EXTERNAL EMAIL]",
        "EXTERNAL",
        "*** EXTERNE E-MAIL ***",
        "This Message Is From an External Sender\nThis message came from outside your organization.\nReport Suspicious",
        "WARNING - This e-mail was sent from an external source and may contain malicious links.",
        "External email: Use caution opening links or attachments",
        "You don't often get email from ann@example.com. Learn why this is important<https://example.com/x>",
        "Sie erhalten nicht häufig E-Mails von ann@example.com. Erfahren Sie, warum dies wichtig ist",
        "ACHTUNG: Diese E-Mail stammt von außerhalb der Organisation. Klicken Sie nicht auf Links oder Anhänge.",
        "ATTENTION : Cet e-mail provient de l'extérieur de l'organisation. Ne cliquez pas sur les liens.",
        "PRECAUCIÓN: Este correo electrónico se originó fuera de la organización. No haga clic en enlaces.",
        "ATTENZIONE: Questo messaggio proviene da un mittente esterno.\nNon cliccare sui link.",
        "LET OP: Deze e-mail komt van buiten de organisatie. Klik niet op links.",
        "UWAGA: Ta wiadomość pochodzi spoza organizacji.",
        "ATENÇÃO: Este e-mail foi enviado de fora da empresa. Não clique em links.",
        "Varning: Detta meddelande kommer utifrån. Klicka inte på länkar.",
    ],
)
def test_a_gateways_banner_is_not_the_customers(banner: str) -> None:
    for space in ("\n\n", "\n"):
        found = split_reply(banner + space + SAID)
        assert (found.body, found.signature) == (SAID, banner)


def test_a_banner_in_the_customers_own_line_leaves_the_rest_of_it() -> None:
    banner = "CAUTION: This email originated from outside the organization. Do not click links."
    found = split_reply(f"{banner} {SAID}")
    assert (found.body, found.signature) == (SAID, banner)


@pytest.mark.parametrize(
    "text",
    [
        "[EXTERNAL] My printer is broken",
        "External mail server is down. Help.",
        "The mail server outside of the office is broken.",
        "This e-mail from our external partner never arrived.",
        "This email is from an external supplier who threatens us.\nWhat now",
        "This e-mail is about the external door. It does not open.",
        "This email came from outside, is it phishing?",
        "This message was sent from outside and my boss is angry.",
        "WARNING: sparks in hall 3",
        "Caution\nThe machine in hall 3 sparks",
        "Attention: the door is open",
        "External\nThe blinds are torn",
        "Important\nThe lift is stuck",
        "Do not click the button, it breaks.",
        "Please do not open the valve. It leaks.",
    ],
)
def test_a_customers_warning_is_no_banner(text: str) -> None:
    assert split_reply(text).body == text
    assert split_reply(f"{text}\n\n{SAID}").body == f"{text}\n\n{SAID}"


@pytest.mark.parametrize(
    "footer",
    [
        "This e-mail is confidential and intended solely for the addressee.",
        (
            "This email and any files transmitted with it are confidential and intended solely for the use of the "
            "individual or\nentity to whom they are addressed. If you have received this email in error please "
            "notify the system manager."
        ),
        (
            "CONFIDENTIALITY NOTICE: The contents of this email message and any attachments are intended solely "
            "for the\naddressee(s) and may contain confidential and/or privileged information."
        ),
        (
            "If you are not the intended recipient of this message or their agent, please immediately alert the "
            "sender by reply\nemail and then delete this message."
        ),
        (
            "Disclaimer: The information contained in this communication is confidential. It is intended solely "
            "for the recipient."
        ),
        "Any views expressed in this message are those of the individual sender, and do not reflect the views of Acme.",
        "Please consider the environment before printing this email.",
        (
            "This message has been scanned for viruses and\ndangerous content by MailScanner, and is\nbelieved to "
            "be clean."
        ),
        "Virus-free. www.avast.com",
        "This email has been scanned by the Symantec Email Security.cloud service.",
        (
            "Diese E-Mail enthält vertrauliche und/oder rechtlich geschützte Informationen. Wenn Sie nicht der "
            "richtige Adressat\nsind oder diese E-Mail irrtümlich erhalten haben, informieren Sie bitte sofort den "
            "Absender und vernichten Sie sie."
        ),
        (
            "Ce message et toutes les pièces jointes sont confidentiels et établis à l'intention exclusive de ses "
            "destinataires."
        ),
        "Este mensaje y sus archivos adjuntos son confidenciales y van dirigidos exclusivamente a su destinatario.",
        (
            "Le informazioni contenute in questo messaggio e negli allegati sono\nriservate e per uso esclusivo "
            "del destinatario."
        ),
        "Esta mensagem é confidencial e destina-se exclusivamente ao destinatário. Se recebeu por engano, elimine-a.",
        "Dit bericht is vertrouwelijk en uitsluitend bestemd voor de geadresseerde.",
        "Niniejsza wiadomość zawiera informacje poufne i jest przeznaczona wyłącznie dla adresata.",
        "Detta meddelande är konfidentiellt och avsett endast för mottagaren.",
        "Данное сообщение содержит конфиденциальную информацию и предназначено только для адресата.",
        "本邮件及其附件含有机密信息，仅限于收件人使用。",
        "You received this message because you are subscribed to the Google Groups group.",
    ],
)
def test_a_legal_footer_is_kept_with_the_signature(footer: str) -> None:
    assert split_reply(f"{SAID}\n\n{footer}").signature == footer
    found = split_reply(f"{SAID}\n\nKind regards,\nAnn\n{footer}")
    assert (found.body, found.signature) == (SAID, f"Kind regards,\nAnn\n{footer}")


@pytest.mark.parametrize(
    "text",
    [
        "My landlord says the file is confidential and refuses access. What can I do?",
        "This message is confidential: somebody in the warehouse steals, please do not notify the manager.",
        "The information in this invoice is wrong.",
        "If you have received this, please call back: the boiler leaks.",
        "This e-mail says that the virus scanner is out of date.",
        "Dieser Vertrag ist vertraulich, der Empfänger hat ihn trotzdem weitergegeben.",
        "If you are not the right department, please forward this message.",
        "Diese E-Mail Adresse löschen Sie bitte, danke.",
        "The contents of this parcel were destroyed, the sender refuses liability.",
        "This message cannot be deleted and the recipient keeps getting it.",
        "This e-mail is confidential and intended solely for the addressee.\nOur boiler leaks gas into the cellar.",
        "This e-mail is confidential and intended for the addressee. Delete it. Our boiler leaks gas into the cellar.",
    ],
)
def test_a_customers_words_about_law_are_no_footer(text: str) -> None:
    assert split_reply(f"Hello\n\n{text}").body == f"Hello\n\n{text}"


def test_where_there_is_nothing_but_a_banner_or_a_footer_it_is_the_body() -> None:
    for text in ("[EXTERNAL EMAIL]", "This e-mail is confidential and intended solely for the addressee."):
        assert split_reply(text).body == text
