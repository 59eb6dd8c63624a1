"""Two clerks with the same page of the admin open: a change to other fields is merged, the same field shows both."""

from datetime import date

import lxml.html
import pytest
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from inquiries.admin import RecordAdmin
from inquiries.models import Entry, Holiday, Inquiry, Membership
from tests.at_once import at_once
from tests.cast import person
from tests.documents.papers import make_paper

# Of each kind of record that the admin changes (or its rows): what one clerk and the other enter in different fields,
# with what is recorded then; and two entries in one field, with how the first is shown to the second.
FORMS = {
    "committee": (
        [{"name": "Homes"}, {"slug": "homes"}],
        {"name": "Homes", "slug": "homes"},
        [{"name": "Homes"}, {"name": "Houses"}, "Homes"],
    ),
    "membership": (
        [{"memberships-0-role": "substitute"}, {"memberships-0-until_date": "01/12/2036"}],
        {"role": "substitute", "until_date": date(2036, 12, 1)},
        [{"memberships-0-role": "substitute"}, {"memberships-0-role": "co_opted"}, "Substitute"],
    ),
    "person": (
        [{"job_title": "Head of Housing"}, {"organisation": "Wealdshire Homes"}],
        {"job_title": "Head of Housing", "organisation": "Wealdshire Homes"},
        [{"name": "Siân Llŷr"}, {"name": "Siân Ôwain"}, "Siân Llŷr"],
    ),
    "cabinetmember": (
        [{"portfolio": "Housing"}, {"until_date": "01/12/2036"}],
        {"portfolio": "Housing", "until_date": date(2036, 12, 1)},
        [{"until_date": "02/12/2036"}, {"until_date": "01/12/2036"}, "2 December 2036"],
    ),
    "holiday": (
        [{"name": "A day of mourning"}, {"day": "02/12/2036"}],
        {"name": "A day of mourning", "day": date(2036, 12, 2)},
        [{"name": "A day of mourning"}, {"name": "A day of joy"}, "A day of mourning"],
    ),
    "inquiry": (
        [{"summary": "On warmth.\r\nIn homes."}, {"is_health": "on"}],
        {"summary": "On warmth.\nIn homes.", "is_health": True},
        [{"title": "Warm Homes"}, {"title": "Warmer Homes"}, "Warm Homes"],
    ),
    "response": (
        [{"text": "Agreed.\r\nAt once."}, {"responding_body": "The Cabinet"}],
        {"text": "Agreed.\nAt once.", "responding_body": "The Cabinet"},
        [{"lead_officer": "{contributor}"}, {"lead_officer": "{stranger}"}, "Priya Nair"],
    ),
    "numbers of a response": (
        [{"answers": "1a"}, {"text": "Agreed."}],
        {"references": "1a", "text": "Agreed."},
        [{"answers": "1a"}, {"answers": "1b"}, "1a"],
    ),
}


@pytest.fixture
def records(inquiry, committee, officer, cabinet_member, contributor, stranger):
    response = inquiry.recommendations.get(reference="1a").response
    return {
        "committee": committee,
        "membership": Membership.objects.create(
            person=stranger, committee=committee, role="member", from_date=date(2026, 5, 1)
        ),
        "person": officer,
        "cabinetmember": cabinet_member.cabinet_seats.get(),
        "holiday": Holiday.objects.create(day=date(2036, 12, 1), name="A day"),
        "inquiry": inquiry,
        "response": response,
        "numbers of a response": response,
        "contributor": contributor,
        "stranger": person("Ann Blake"),
    }


@pytest.fixture
def windows(clerk):
    """The browsers of two clerks."""
    found = [Client(), Client()]
    for window, who in zip(found, (clerk, person("Dafydd Pryce", "d@wealdshire.example", is_clerk=True)), strict=True):
        window.force_login(who)
    return found


@pytest.fixture(params=FORMS)
def form(request, records):
    """(address, record, what is entered as in FORMS)"""
    record, (different, together, (theirs, mine, shown)) = records[request.param], FORMS[request.param]
    keys = {name: records[name].pk for name in ("contributor", "stranger")}
    theirs, mine = ({name: value.format(**keys) for name, value in one.items()} for one in (theirs, mine))
    owner = record.committee if request.param == "membership" else record
    where = reverse(f"admin:inquiries_{owner._meta.model_name}_change", args=[owner.pk])
    return where, record, different, together, (theirs, mine, shown)


def sent_by_browser(response):
    """What a browser sends when nothing is changed in the form on the page."""
    page = lxml.html.fromstring(response.content.decode())
    (form,) = (form for form in page.forms if form.get("id", "").endswith("_form"))
    empty = {one.name: "" for one in form.iter("input") if one.type in ("text", "hidden") and one.name}
    sent = empty | dict(form.form_values())
    return {name: value for name, value in sent.items() if name not in ("csrfmiddlewaretoken", "form_key")}


def problems(response):
    return " ".join(
        " ".join(error.text_content().split())
        for error in lxml.html.fromstring(response.content.decode()).find_class("errorlist")
    )


@pytest.mark.django_db
def test_changes_of_different_fields_are_merged(form, windows):
    where, record, different, together, _ = form
    pages = [sent_by_browser(window.get(where)) for window in windows]
    for window, page, changes in zip(windows, pages, different, strict=True):
        answer = window.post(where, page | changes)
        assert answer.status_code == 302, problems(answer)
    record = type(record).objects.get(pk=record.pk)
    assert {name: getattr(record, name) for name in together} == together


@pytest.mark.django_db
def test_changes_of_the_same_field_show_both(form, windows):
    where, record, _, _, (theirs, mine, shown) = form
    pages = [sent_by_browser(window.get(where)) for window in windows]
    answer = windows[0].post(where, pages[0] | theirs)
    assert answer.status_code == 302, problems(answer)
    saved, entries = type(record).objects.filter(pk=record.pk).values().get(), Entry.objects.count()
    answer = windows[1].post(where, pages[1] | mine)
    assert answer.status_code == 200
    assert f"Carys Whitlock changed this to “{shown}" in problems(answer)
    assert "What you entered is not saved: save again to replace it." in problems(answer)
    assert type(record).objects.filter(pk=record.pk).values().get() == saved
    again = sent_by_browser(answer)
    assert {name: again[name] for name in mine} == mine
    answer = windows[1].post(where, again)
    assert answer.status_code == 302, problems(answer)
    assert Entry.objects.count() > entries


@pytest.mark.django_db(transaction=True)
def test_saves_at_the_same_moment_never_overwrite_each_other(form, windows):
    where, _, _, _, entered = form
    pages = [sent_by_browser(window.get(where)) for window in windows]
    answers = at_once(
        *(
            lambda window=window, sent=page | changes: window.post(where, sent)
            for window, page, changes in zip(windows, pages, entered, strict=False)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 302]
    assert any("changed this to" in problems(answer) for answer in answers if answer.status_code == 200)


@pytest.mark.django_db
def test_saving_nothing_keeps_what_was_changed_meanwhile(form, windows):
    where, record, different, _, _ = form
    pages = [sent_by_browser(window.get(where)) for window in windows]
    windows[0].post(where, pages[0] | different[0])
    saved, entries = type(record).objects.filter(pk=record.pk).values().get(), Entry.objects.count()
    assert windows[1].post(where, pages[1]).status_code == 302
    assert type(record).objects.filter(pk=record.pk).values().get() == saved
    assert Entry.objects.count() == entries


@pytest.mark.django_db
def test_two_files_of_one_inquiry_show_both(inquiry, windows, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    where = reverse("admin:inquiries_inquiry_change", args=[inquiry.pk])
    pages = [sent_by_browser(window.get(where)) for window in windows]
    files = [SimpleUploadedFile(f"{name}.pdf", make_paper(1, words=name)) for name in ("one", "two")]
    answer = windows[0].post(where, pages[0] | {"report_file": files[0]})
    assert answer.status_code == 302, problems(answer)
    answer = windows[1].post(where, pages[1] | {"report_file": files[1]})
    assert "Carys Whitlock changed this to “" in problems(answer)
    files[1].seek(0)
    assert windows[1].post(where, sent_by_browser(answer) | {"report_file": files[1]}).status_code == 302
    # Another field leaves the file as it is.
    kept = Inquiry.objects.get().report_file.name
    assert windows[0].post(where, pages[0] | {"summary": "On warmth."}).status_code == 302
    assert (Inquiry.objects.get().report_file.name, Inquiry.objects.get().summary) == (kept, "On warmth.")


def test_every_form_of_the_admin_that_changes_a_record_is_here():
    kinds = [one for one in admin.site._registry.values() if isinstance(one, RecordAdmin)]
    changing = {one.opts.model_name for one in kinds if one.may_change}
    changing |= {row.model._meta.model_name for one in kinds for row in one.inlines if row.may_change}
    assert changing == FORMS.keys() - {"numbers of a response"}
