"""The names that clients give to a message's headers where they copy them into a text, by language."""

# ruff: noqa: RUF001 - letters of other alphabets are meant

FROM, SENT, DATE, TO, SUBJECT = "from", "sent", "date", "to", "subject"

_NAMES = {
    FROM: "from|von|de|da|van|från|fra|od|от|від|from|lähettäjä|feladó|kimden|gönderen|expéditeur|afzender|remitente"
    "|mittente|remetente|de la|expeditor|από|מאת|من|từ|dari|saatja|nadawca|odesílatel|发件人|寄件者|寄件人|發件人"
    "|差出人|送信者|보낸 사람|보낸사람|จาก|от кого|från|afsender|avsender|avsändare|frá",
    SENT: "sent|gesendet|gesendet am|datum/uhrzeit|envoyé|envoyé le|date d'envoi|enviado|enviado el|fecha de envío|"
    "enviado a las|enviada em|enviado em|inviato|inviata|verzonden|skickat"
    "|skickades|sendt"
    "|lähetetty|wysłano|wysłane|odesláno|отправлено|надіслано|elküldve|gönderilme tarihi|gönderildi|trimis"
    "|αποστολή|στάλθηκε|נשלח|发送时间|傳送時間|寄件日期|送信日時|보낸 날짜|送信済み",
    DATE: "date|datum|fecha|data|dato|päivämäärä|päiväys|дата|dátum|tarih|ημερομηνία|תאריך|التاريخ|ngày|tanggal|kuupäev"
    "|日期|时间|日時|日付|날짜|วันที่",
    TO: "to|an|pour|à|a|para|aan|till|til|vastaanottaja|do|komu|кому|címzett|kime|alıcı|destinataire|destinatario|către"
    "|προς|אל|إلى|đến|kepada|saaja|收件人|收件者|宛先|받는 사람|받는사람|ถึง",
    SUBJECT: "subject|betreff|objet|oggetto|asunto|assunto|onderwerp|ämne|emne|aihe|temat|předmět|predmet|тема"
    "|tárgy|konu"
    "|subiect|thema|θέμα|נושא|الموضوع|chủ đề|subjek|perihal|teema|主题|主旨|主題|件名|제목|เรื่อง",
    "other": "cc|kopie|bcc|reply-to|antwort an|copie à|copia|kopia|kopi|копия|копія|抄送|副本|참조|importance|priority",
}

KINDS = {name: kind for kind, names in _NAMES.items() for name in names.split("|")}
"""Small letters; some names say two things in two languages, and the later one holds."""

FORWARDED = (
    r"\bforward(?:ed)?\b|weitergeleitet\w{0,3}|weiterleitung|transf[ée]r\w{0,4}|réexpédié\w{0,2}|reenviad[oa]"
    r"|reencaminhad[oa]"
    r"|inoltrat[oa]|doorgestuurd\w{0,2}|doorgezonden|vidarebefordra\w{0,2}|videresend\w{0,3}|videreformidle\w{0,2}"
    r"|edelleenl\w{1,8}"
    r"|välitet\w{1,4}|edastatud|пересыла\w{1,5}|переслан\w{1,4}|переадресован\w{1,4}|перенаправлен\w{1,4}"
    r"|przekazan\w{1,4}"
    r"|przekazywan\w{1,4}|přepos[íi]l\w{1,5}|přeposlan\w{1,3}|předan\w{1,3}|preposlan\w{1,3}|továbbított\w{0,2}"
    r"|iletilen|yönlendiril\w{1,5}"
    r"|encaminhad[oa]|redirecționat\w{0,2}|προωθ\w{1,8}|препратен\w{0,3}|proslijeđen\w{0,2}|прослеђен\w{0,2}"
    r"|chuyển tiếp|diteruskan|terusan"
    r"|转发|轉寄|轉發|転送|전달|ส่งต่อ|הועבר\w{0,2}|توجيه"
)
ORIGINAL = (
    r"\borigin\w*|ursprünglich\w*|oorspronkelijk\w*|ursprunglig\w*|oprindelig\w*|opprinnelig\w*|alkuperäinen|исходное"
    r"|оригинал\w*|oryginaln\w*|původní|eredeti|özgün|\brepl(?:y|ied)\b|\bantwort\b|alkup\w+|пов[іi]домлення"
    r"|原始|原邮件|回复的|元の|원본"
)
MAIL = (
    r"message|nachricht|e?-?mail\b|mensaje|mensagem|messaggio|bericht|meddelande|besked|melding|viesti|сообщени|письмо"
    r"|wiadomość|zpráva|üzenet|ileti|mesaj|邮件|郵件|メッセージ|メール|메일|메시지|termin|appointment"
)
