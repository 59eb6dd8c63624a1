"""The tools of the browser tests find what they are there to find."""

import re
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from inquiries.models import Entry, Person
from tests.conftest import watch


@pytest.fixture
def clerk_in_browser(transactional_db):
    return Person.objects.create(email="clerk@example.org", name="Clerk", is_clerk=True)


@pytest.mark.parametrize(
    ("script", "trouble"),
    [
        ("console.error('it broke')", "console: it broke"),
        ("throw new Error('it broke')", "script: it broke"),
    ],
)
def test_a_script_that_fails_is_noticed(page, script, trouble):
    troubles = []
    other = page.context.new_page()
    watch(other, troubles)
    other.set_content(f"<!doctype html><title>A page</title><script>{script}</script>")
    other.close()
    assert troubles == [trouble]


def test_a_picture_that_is_missing_is_noticed(page, base_url):
    troubles = []
    other = page.context.new_page()
    watch(other, troubles)
    other.goto("/accounts/login/")
    other.evaluate("new Promise(done => { const i = new Image(); i.onerror = done; i.src = '/static/missing.png' })")
    other.close()
    assert troubles == ["console: Failed to load resource: the server responded with a status of 404 (Not Found)"]


def test_a_page_that_is_not_there_is_the_business_of_the_test(page):
    assert page.goto("/static/missing.css").status == 404


def test_the_accessibility_check_finds_a_fault(page, axe):
    page.set_content("<!doctype html><html lang=en><title>A page</title><main><h1>A</h1><img src='data:,'></main>")
    with pytest.raises(AssertionError, match="image-alt"):
        axe(page)


def test_sign_in_page_is_accessible(page, axe, screenshots):
    page.goto("/accounts/login/")
    axe(page)
    screenshots(page, "sign-in")


def test_signing_in_without_the_sign_in_page(page, sign_in, clerk_in_browser):
    page.goto("/admin/")
    assert page.url.endswith("/accounts/login/?next=%2Fadmin%2F")
    sign_in(page, clerk_in_browser)
    page.goto("/admin/")
    assert page.title() == "Records | Scrutiny"


def test_signing_in_with_the_code_from_the_mail(page, clerk_in_browser, mailoutbox):
    page.goto("/accounts/login/?next=/admin/")
    page.get_by_label("mail").fill("Clerk@example.org")
    page.get_by_role("button", name="code").click()
    page.wait_for_url("**/accounts/login/code/confirm/**")
    assert mailoutbox[0].subject == "Your sign-in code for Scrutiny"
    code = re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", mailoutbox[0].body, flags=re.MULTILINE)[0]
    page.get_by_label("code").fill(code)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/admin/")


def test_nobody_learns_who_has_an_account(client, db, mailoutbox):
    response = client.post("/accounts/login/", {"email": "stranger@example.org"})
    assert (response.status_code, response.url) == (302, "/accounts/login/code/confirm/")
    assert mailoutbox == []


@pytest.mark.parametrize("time", ["first", "second"])
def test_history_cannot_be_deleted_and_is_gone_for_the_next_test(transactional_db, time):
    assert Entry.objects.count() == 0
    Entry.objects.create(
        at=datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
        by_name="Clerk",
        verb="record",
        sentence="recorded it",
        subject_type="inquiry",
        subject_id=1,
        subject_label="An inquiry",
    )
    for statement in ("DELETE FROM inquiries_entry", "UPDATE inquiries_entry SET note = 'x'"):
        with pytest.raises(DatabaseError, match="history cannot be changed"), transaction.atomic():
            connection.cursor().execute(statement)
