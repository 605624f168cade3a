import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.mail.html_text import html_to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hi&nbsp;there &amp; you<br>next", "Hi there & you\nnext"),
        ("<ul><li>a<li>b</ul>c", "a\nb\nc"),
        ("one\ntwo  three", "one two three"),
        ("<head><title>t</title><style>a{}</style></head><body>x<script>if (a<b) {}</script>y", "xy"),
        ("<SCRIPT>1</Script>words", "words"),
        ("a <!-- <b>hidden</b> --> z", "a z"),
        ("<!--[if mso]>old<![endif]-->new", "new"),
        ("Hello <![foo bar]> you", "Hello you"),
        ("3 < 4 and 5 > 4", "3 < 4 and 5 > 4"),
        ("&lt;b&gt; is text", "<b> is text"),
        ("", ""),
    ],
)
def test_markup_goes_and_words_stay(html: str, text: str) -> None:
    assert html_to_text(html) == text


@pytest.mark.parametrize("html", ["<style>never closed words", "<!-- never closed words", "<a href='x words"])
def test_words_behind_markup_that_never_ends_are_kept(html: str) -> None:
    assert "words" in html_to_text(html)


@pytest.mark.parametrize(
    "piece", ["<", "<a", "<!--", "<!-- >", "&", "<![", "</", "<style>", "<script></", "<?", "&#x41", "<br> "]
)
def test_the_time_grows_with_the_length_alone(piece: str) -> None:
    started = time.process_time()
    html_to_text(piece * 100_000)
    assert time.process_time() - started < 5


@given(st.text(alphabet="<>/!-ab&;#= \n\"'", max_size=200))
def test_nothing_makes_it_raise(html: str) -> None:
    html_to_text(html)
