"""What is measured: every address, without a list that somebody would have to keep."""

from bench import pages, writes
from tests.access_table import NO_SUCH_METHOD
from tests.test_access import TABLE


def test_the_exceptions_are_addresses_that_answer():
    named = {*pages.BY, *pages.QUERIES, *pages.LEFT_OUT, *pages.FILES}
    assert named <= {name for name, lines in TABLE.items() if lines["collecting get"] != NO_SUCH_METHOD}
    assert not set(pages.LEFT_OUT) & {*pages.BY, *pages.QUERIES, *pages.FILES}


def test_writes_that_are_not_sent_are_known():
    not_sent = writes.not_sent({"clerk:settings"})
    assert "officer:update" in not_sent
    assert "clerk:settings" not in not_sent
    assert "public:home" not in not_sent
    assert "account_login" not in not_sent


def test_forms_are_read_as_a_browser_sends_them():
    html = """<form method="get"><input name="q" value="no"></form>
    <form method="post" action="/there/"><input type="hidden" name="key" value="1">
    <textarea name="text">A &amp; B</textarea>
    <input type="radio" name="view" value="a"><input type="radio" name="view" value="b" checked>
    <select name="who"><option value="">Nobody</option><option value="2" selected>Ann</option></select>
    <input type="checkbox" name="also" value="x"><input type="submit" name="action" value="save"></form>"""
    assert writes.Forms(html).forms == [("/there/", {"key": ["1"], "text": ["A & B"], "view": ["b"], "who": ["2"]})]
