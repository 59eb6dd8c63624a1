"""What is measured: every address, without a list that somebody would have to keep; in a council that is whole."""

import pytest
from django.db import connection
from django.test import Client

from bench import council, pages, writes
from inquiries.models import Person
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


@pytest.mark.django_db(transaction=True)
def test_the_council_is_whole_and_its_pages_answer():
    council.make_council(1_000)
    assert [*broken_references()] == []
    clients = {None: Client()}
    for person in Person.objects.filter(pk__lt=10):
        clients[person.pk] = Client()
        clients[person.pk].force_login(person)
    known = pages.facts()
    rows = [(who, path) for _, who, path, _ in pages.addresses(known)]
    rows += [(who, path) for _, who, path in (*pages.views(), *pages.admin_pages())]
    assert {path: status for who, path in rows if (status := clients[who].get(path).status_code) != 200} == {}


def broken_references():
    """Each reference to a row that is not there: no check of the database saw how the council was filled."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            for name, constraint in connection.introspection.get_constraints(cursor, table).items():
                if not constraint["foreign_key"]:
                    continue
                other, column = constraint["foreign_key"]
                (own,) = constraint["columns"]
                cursor.execute(
                    f"SELECT {own} FROM {table} WHERE {own} IS NOT NULL AND {own} NOT IN (SELECT {column} FROM {other})"
                )
                yield from ((name, *row) for row in cursor.fetchmany(3))
