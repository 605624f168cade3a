"""The names that clients give to a message's headers where they copy them into a text, by language."""

# ruff: noqa: RUF001 - letters of other alphabets are meant

FROM, SENT, DATE, TO, SUBJECT = "from", "sent", "date", "to", "subject"

_NAMES = {
    FROM: "from|von|de|da|van|från|fra|od|от|від|from|lähettäjä|feladó|kimden|gönderen|expéditeur|afzender|remitente"
    "|mittente|remetente|de la|expeditor|από|מאת|من|từ|dari|saatja|nadawca|odesílatel|发件人|寄件者|寄件人|發件人"
    "|差出人|送信者|보낸 사람|보낸사람|จาก",
    SENT: "sent|gesendet|envoyé|enviado|enviado el|enviada em|enviado em|inviato|inviata|verzonden|skickat"
    "|skickades|sendt"
    "|lähetetty|wysłano|wysłane|odesláno|отправлено|надіслано|elküldve|gönderilme tarihi|gönderildi|trimis"
    "|αποστολή|στάλθηκε|נשלח|发送时间|傳送時間|寄件日期|送信日時|보낸 날짜|送信済み",
    DATE: "date|datum|fecha|data|dato|päivämäärä|päiväys|дата|dátum|tarih|ημερομηνία|תאריך|التاريخ|ngày|tanggal|kuupäev"
    "|日期|时间|日時|日付|날짜|วันที่",
    TO: "to|an|à|a|para|aan|till|til|vastaanottaja|do|komu|кому|címzett|kime|alıcı|destinataire|destinatario|către"
    "|προς|אל|إلى|đến|kepada|saaja|收件人|收件者|宛先|받는 사람|받는사람|ถึง",
    SUBJECT: "subject|betreff|objet|oggetto|asunto|assunto|onderwerp|ämne|emne|aihe|temat|předmět|predmet|тема"
    "|tárgy|konu"
    "|subiect|θέμα|נושא|الموضوع|chủ đề|subjek|perihal|teema|主题|主旨|主題|件名|제목|เรื่อง",
    "other": "cc|kopie|bcc|reply-to|antwort an|copie à|copia|kopia|kopi|копия|копія|抄送|副本|참조|importance|priority",
}

KINDS = {name: kind for kind, names in _NAMES.items() for name in names.split("|")}
"""Small letters; some names say two things in two languages, and the later one holds."""

FORWARDED = (
    r"forward(?:ed)?|weitergeleitet\w*|weiterleitung|transf[ée]r\w*|réexpédié|reenviad[oa]|inoltrat[oa]|doorgestuurd\w*"
    r"|vidarebefordra\w*|videresend\w*|edelleenl\w+|välitetty|пересыла\w*|переслан\w*|przekazan\w*|přeposlan\w*"
    r"|továbbított|iletilen|encaminhad[oa]|redirecționat\w*|转发\w*|轉寄\w*|転送\w*|전달\w*"
)
ORIGINAL = (
    r"\borigin\w*|ursprünglich\w*|oorspronkelijk\w*|ursprunglig\w*|oprindelig\w*|opprinnelig\w*|alkuperäinen|исходное"
    r"|оригинал\w*|oryginaln\w*|původní|eredeti|özgün|\breply\b|\bantwort\b|原始|元の|원본"
)
MAIL = (
    r"message|nachricht|e?-?mail\b|mensaje|mensagem|messaggio|bericht|meddelande|besked|melding|viesti|сообщени|письмо"
    r"|wiadomość|zpráva|üzenet|ileti|mesaj|邮件|郵件|メッセージ|メール|메일|메시지|termin|appointment"
)
