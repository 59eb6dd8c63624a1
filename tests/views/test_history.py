"""The history of a record, what an entry changed, versions of a text, and one of them restored."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from inquiries.actions import history, inquiries, progress, records, responses
from inquiries.actions.handover import record_leaver
from inquiries.actions.people import give_seat
from inquiries.choices import SeatRole, Stage
from inquiries.models import Entry, Person, PersonalValue, ProgressUpdate, Recommendation, Response
from tests import factories
from tests.cast import NOW

MINUTE = timedelta(minutes=1)
FIRST = "One number will be used for help with heating."
SECOND = "Two numbers will be used for help with heating and damp."


@pytest.fixture
def update(inquiry, clerk, officer):
    """The officer's update on 1a and 1b, saved twice; the second time by the clerk, with an exempt part."""
    report = factories.make_report(inquiry, clerk)
    update = report.updates.for_page().first()
    progress.save_update(update, version=0, text=FIRST, by=officer, now=NOW)
    progress.save_update(
        update, version=1, text=SECOND, exempt_text="Quorvane asks for less.", exempt_paragraph=3, by=clerk,
        now=NOW + 20 * MINUTE,
    )  # fmt: skip
    return ProgressUpdate.objects.for_page().get(pk=update.pk)


def page(client, person, name, *args, **query):
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client.get(reverse(f"history:{name}", args=args), query)


def text(response):
    """The words of a page without its markup, in one line."""

    body = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(body.split())


def entries(update):
    return list(Entry.objects.filter(verb="save_update", subject_id=update.pk).order_by("pk"))


# The history of a record


def test_history_of_an_update(client, update, officer):
    words = text(page(client, officer, "record", "update", update.pk))
    assert (
        "Carys Whitlock changed the progress update on 1a and 1b on 23 November 2026, 09:50 "
        "(on behalf of Siân Llŷr-Ôwain)" in words
    )
    assert "Siân Llŷr-Ôwain changed the progress update on 1a and 1b on 23 November 2026, 09:30" in words


def test_labels_the_officers_own_view_for_others(client, update, officer, clerk):
    progress.save_update(update, version=2, text=SECOND, officer_view="on_track", by=officer, now=NOW + 40 * MINUTE)
    words = text(page(client, clerk, "entry", entries(update)[-1].pk))
    assert "Lead officer&#x27;s own view" in words and "On track" in words
    assert "Your own view" not in words


KINDS = ["inquiry", "recommendation", "response", "report", "update", "meeting", "item", "paper", "person", "committee"]


def keys(update, meeting):
    item = meeting.items.get(number=2)
    return {
        "inquiry": update.report.inquiry_id,
        "recommendation": Recommendation.objects.get(reference="1a").pk,
        "response": update.response_id,
        "report": update.report_id,
        "update": update.pk,
        "meeting": meeting.pk,
        "item": item.pk,
        "paper": item.documents.get().pk,
        "person": update.response.lead_officer_id,
        "committee": meeting.committee_id,
    }


def test_who_may_read_which_history(client, update, committee, people, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    pks = keys(update, factories.make_agenda(factories.make_meeting(committee), people["clerk"]))
    read = {
        who: [kind for kind in KINDS if page(client, person, "record", kind, pks[kind]).status_code == 200]
        for who, person in people.items()
        if who != "public"
    }
    assert read.pop("clerk") == KINDS
    assert read.pop("officer") == ["update"]
    assert read.pop("cabinet_member") == ["report", "update"]
    assert set(map(tuple, read.values())) == {()}
    assert page(client, people["clerk"], "record", "song", 1).status_code == 404
    assert page(client, people["clerk"], "record", "update", 10**15).status_code == 404


def test_pages_of_records_link_to_their_history(client, update, officer, clerk):
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    assert (
        reverse("history:record", args=["update", update.pk]) in client.get(update.get_absolute_url()).content.decode()
    )
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    manage = client.get(reverse("clerk:manage", args=[update.report.inquiry.slug, 6])).content.decode()
    assert reverse("history:record", args=["report", update.report_id]) in manage
    assert reverse("history:entry", args=[entries(update)[1].pk]) in manage


# What an entry changed


def test_entry_compares_texts(client, update, officer):
    html = page(client, officer, "entry", entries(update)[1].pk).content.decode()
    assert '<del><span class="govuk-visually-hidden"> (only in the earlier text: </span>One number<' in html
    assert '<ins><span class="govuk-visually-hidden"> (only in the later text: </span>Two numbers<' in html
    assert "Quorvane" in html


def test_hides_the_exempt_part(client, update, people):
    entry = entries(update)[1]
    assert "Quorvane" in page(client, people["cabinet_member"], "entry", entry.pk).content.decode()
    people["cabinet_member"].cabinet_seats.update(until_date=NOW.date() - timedelta(days=1))
    words = page(client, people["cabinet_member"], "entry", entry.pk).content.decode()
    assert "Quorvane" not in words
    assert "The confidential part changed too." in words
    refused = page(client, people["cabinet_member"], "versions", "update", update.pk, "exempt_text")
    assert refused.status_code == 404
    assert page(client, people["officer"], "versions", "update", update.pk, "exempt_text").status_code == 200


def test_shows_an_address_to_clerks_until_it_is_erased(client, clerk, officer):
    officer.email = "sian.new@wealdshire.example"
    records.save_record(officer, by=clerk, now=NOW)
    entry = Entry.objects.about(officer).get()
    assert "sian.new@wealdshire.example" in page(client, clerk, "entry", entry.pk).content.decode()
    assert page(client, officer, "entry", entry.pk).status_code == 404
    PersonalValue.objects.all().delete()
    words = page(client, clerk, "entry", entry.pk).content.decode()
    assert "@" not in words.split("<main")[1].split("</main>")[0]
    assert "something that is no longer kept" in words


def test_escapes_markup(client, update, officer):
    progress.save_update(update, version=2, text="<script>alert(1)</script>", by=officer, now=NOW + 40 * MINUTE)
    html = page(client, officer, "entry", entries(update)[-1].pk).content.decode()
    assert "&lt;script&gt;" in html and "<script>alert" not in html


# Versions


def test_compares_two_versions(client, update, officer):
    progress.save_update(update, version=2, text="Three numbers.", by=officer, now=NOW + 40 * MINUTE)
    last_two = text(page(client, officer, "versions", "update", update.pk, "text"))
    assert "Version 2 and version 3" in last_two
    chosen = text(page(client, officer, "versions", "update", update.pk, "text", earlier=1, later=3))
    assert "Version 1 and version 3" in chosen and "Three numbers." in chosen
    for nonsense in ({"earlier": "x"}, {"later": 99}, {"earlier": 0, "later": "\x00"}):
        response = page(client, officer, "versions", "update", update.pk, "text", **nonsense)
        assert response.status_code == 200
    assert page(client, officer, "versions", "update", update.pk, "version").status_code == 404


# Restore


def restore(client, person, entry, **typed):
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("history:restore", args=[entry.pk])
    seen = client.get(url).context["form"]["seen"].value()
    return client.post(url, {"seen": seen, **typed})


def test_restores_the_text_of_an_update(client, update, officer):
    response = restore(client, officer, entries(update)[0])
    assert (response.status_code, response.url) == (302, update.get_absolute_url())
    fresh = ProgressUpdate.objects.get(pk=update.pk)
    assert (fresh.text, fresh.version, fresh.exempt_text) == (FIRST, 3, "Quorvane asks for less.")
    last = entries(update)[-1]
    assert (last.changes, last.note) == (
        {"text": [SECOND, FIRST]},
        "The text of 23 November 2026, 09:30 was restored.",
    )


def test_refuses_to_restore_the_present_text(client, update, officer):
    response = restore(client, officer, entries(update)[1])
    assert "This is already the current text" in text(response)
    assert ProgressUpdate.objects.get(pk=update.pk).version == 2


def test_offers_restoring_to_those_who_may(client, update, officer, cabinet_member):
    entry = entries(update)[0]
    for person, shown in ((officer, True), (cabinet_member, False)):
        assert ("Restore this text" in text(page(client, person, "entry", entry.pk))) is shown
    progress.submit_update(update, version=2, by=officer, now=NOW + 30 * MINUTE)
    assert "Restore this text" not in text(page(client, officer, "entry", entry.pk))


def test_refuses_to_restore_a_submitted_update(client, update, officer):
    progress.submit_update(update, version=2, by=officer, now=NOW + 30 * MINUTE)
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    for ask in (client.get, client.post):
        response = ask(reverse("history:restore", args=[entries(update)[0].pk]))
        assert response.status_code == 403
        assert "has been submitted" in text(response)


def test_restoring_shows_a_clash(client, update, officer, clerk):
    entry = entries(update)[0]
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("history:restore", args=[entry.pk])
    seen = client.get(url).context["form"]["seen"].value()
    progress.save_update(update, version=2, text="Somebody else's words.", by=clerk, now=NOW + 40 * MINUTE)
    response = client.post(url, {"seen": seen})
    assert response.status_code == 409
    words = text(response)
    assert "Someone else has changed this text" in words and "Somebody else" in words
    assert ProgressUpdate.objects.get(pk=update.pk).text == "Somebody else's words."
    # What the page holds now is what has just been seen.
    assert client.post(url, {"seen": response.context["form"]["seen"].value()}).status_code == 302
    assert ProgressUpdate.objects.get(pk=update.pk).text == FIRST


def test_restoring_a_wording_needs_a_reason(client, inquiry, clerk):
    recommendation = inquiry.recommendations.get(reference="2")
    before = recommendation.text
    inquiries.reword_recommendation(recommendation, text="Something else.", reason="A slip.", by=clerk, now=NOW)
    entry = Entry.objects.get(verb="add_recommendation", subject_id=recommendation.pk)
    assert "Give the reason" in text(restore(client, clerk, entry, reason=""))
    response = restore(client, clerk, entry, reason="It was right at first.")
    assert response.url == recommendation.get_absolute_url()
    recommendation.refresh_from_db()
    assert (recommendation.text, recommendation.wording) == (before, 3)
    assert (
        Entry.objects.filter(verb="reword_recommendation")
        .latest("pk")
        .note.endswith("was restored. It was right at first.")
    )


def test_restores_a_response(client, inquiry, clerk):
    response = Response.objects.get(recommendations__reference="2")
    responses.correct_response(response, text="Never.", by=clerk, now=NOW)
    entry = Entry.objects.get(verb="record_response", subject_id=response.pk)
    answer = restore(client, clerk, entry)
    assert answer.url == reverse("history:record", args=["response", response.pk])
    response.refresh_from_db()
    assert response.text == "Twice a year."
    assert Entry.objects.filter(verb="correct_response").latest("pk").note.startswith("The text of ")


def test_restores_texts_only(client, update, clerk):
    for entry in Entry.objects.filter(verb__in=["commission", "end_recommendation"]):
        assert page(client, clerk, "restore", entry.pk).status_code == 404


def test_text_of_a_deleted_record_is_not_restorable(client, inquiry, clerk):
    mistyped = inquiries.add_recommendation(inquiry, reference="77", text="That it is dnoe.", by=clerk, now=NOW)
    entry = Entry.objects.get(verb="add_recommendation", subject_id=mistyped.pk)
    records.delete_record(mistyped, by=clerk, now=NOW)
    html = page(client, clerk, "entry", entry.pk).content.decode()
    assert "That it is dnoe." in html
    assert re.findall(r'href="(/history/[^"]*)"', html) == []
    assert page(client, clerk, "restore", entry.pk).status_code == 404


def test_shows_a_stage_that_no_longer_exists(client, inquiry, clerk):
    changes = {"stage": ("on_paper", "published")}
    entry = history.write("reopen", inquiry, "reopened it", by=clerk, now=NOW, changes=changes)
    words = text(page(client, clerk, "entry", entry.pk))
    assert "Stage on_paper Published" in words


def test_history_of_a_report_includes_its_editions(client, inquiry, clerk, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    report = factories.make_report(inquiry, clerk, at=Stage.PUBLISHED)
    assert "kept edition 1 of the interim report (6 months on) as it was published" in text(
        page(client, clerk, "record", "report", report.pk)
    )


def test_signer_may_follow_every_link(client, inquiry, clerk, cabinet_member, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    report = factories.make_report(inquiry, clerk, at=Stage.PUBLISHED)
    html = page(client, cabinet_member, "record", "report", report.pk).content.decode()
    links = re.findall(r'href="(/history/entries/[^"]+)"', html)
    edition = Entry.objects.get(verb="keep_edition")
    assert reverse("history:entry", args=[edition.pk]) in links
    assert {client.get(link).status_code for link in links} == {200}


def test_deleted_seat_stays_in_history_of_person_and_committee(client, committee, clerk):
    ivy, ivo = Person.objects.create(name="Ivy Marsh"), Person.objects.create(name="Ivo Marsh")
    to_come = NOW.date() + timedelta(days=30)
    for someone in (ivy, ivo):
        give_seat(someone, committee=committee, role=SeatRole.MEMBER, from_date=to_come, by=clerk, now=NOW)
    give_seat(ivy, portfolio="Homes", from_date=to_come, by=clerk, now=NOW)
    record_leaver(ivy, by=clerk, now=NOW)
    words = text(page(client, clerk, "record", "person", ivy.pk))
    assert "withdrew the seat on the Communities Select Committee that had not started" in words
    assert "withdrew the portfolio Homes that had not started" in words
    assert "added the membership “Ivy Marsh, member of Communities Select Committee”" in words
    assert "withdrew the seat" in text(page(client, clerk, "record", "committee", committee.pk))
    assert "withdrew" not in text(page(client, clerk, "record", "person", ivo.pk))


def test_query_count_is_constant(client, update, officer, django_assert_num_queries):
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("history:record", args=["update", update.pk])
    client.get(address)
    with django_assert_num_queries(10):
        client.get(address)
    for number in range(2, 8):
        progress.save_update(update, version=number, text=f"{number}", by=officer, now=NOW + number * 20 * MINUTE)
    with django_assert_num_queries(10):
        client.get(address)
