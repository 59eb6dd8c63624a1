import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from inquiries.actions import inquiries as inquiry_actions
from inquiries.actions import progress, responses
from inquiries.choices import Rating, Stage
from inquiries.documents.typst_runner import PdfFailed
from inquiries.models import CabinetMember, Entry, Notification, Person, Response
from tests.cast import NOW, TODAY, person
from tests.factories import hold_meeting, make_meeting, make_report


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch):
    """The clerk opens the pages on the day of the story."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(hours=1))


@pytest.fixture
def meeting(committee):
    """Its deadlines are all still to come."""
    return make_meeting(committee, date(2027, 1, 19))


def at(name, report, *more):
    return reverse(f"clerk:{name}", args=[report.inquiry.slug, report.months_on, *more])


def words(response):
    return " ".join(response.content.decode().split())


def errors(response):
    return [message for form in [response.context["form"]] for message, _ in form.error_summary()]


def day(name, on):
    return {f"{name}_day": on.day, f"{name}_month": on.month, f"{name}_year": on.year}


CHOSEN_DATES = day("updates_due_on", date(2026, 12, 1)) | day("sign_off_due_on", date(2026, 12, 8))


# The report's page


def test_only_who_has_an_address_is_reminded_by_one_click(client, inquiry, clerk, cabinet_member):
    report = make_report(inquiry, clerk)
    client.force_login(clerk)
    assert words(client.get(at("manage", report))).count("Remind now") == 2
    Person.objects.filter(pk__in=inquiry.responses.values("lead_officer")).update(email=None)
    assert "Remind now" not in words(client.get(at("manage", report)))


def test_manage_shows_dates_and_late_updates(client, inquiry, clerk, committee, contributor):
    meeting = make_meeting(committee)
    report = make_report(inquiry, clerk, meeting=meeting)
    progress.reschedule(
        report,
        meeting=meeting,
        update_date=meeting.day,
        updates_due_on=TODAY - timedelta(days=3),
        sign_off_due_on=TODAY + timedelta(days=2),
        by=clerk,
        now=NOW - timedelta(days=14),
    )
    update = report.updates.about("2").get()
    progress.save_update(update, version=0, text="Half.", contributors=[contributor], by=clerk, now=NOW)
    client.force_login(clerk)
    page = words(client.get(at("manage", report)))
    assert "3 days overdue</strong>, was due 20 November 2026" in page
    assert "Due 25 November 2026, in 2 days" in page
    assert "Due 7 December 2026, in 14 days" in page
    assert page.count("3 days late") == 3
    assert page.count("Not started") == 2
    assert "Draft saved" in page and "with Priya Nair" in page
    assert "<strong>nobody</strong>" in page
    assert page.count("Write on behalf") == 3
    assert "commissioned the interim report (6 months on)" in page
    assert "changed the progress update on 2, on behalf of Tom Okafor" in page
    assert "Close updates early" in page and ">Publish<" not in page and ">Reopen<" not in page


@pytest.mark.parametrize(
    ("stage", "shown", "hidden"),
    [
        (Stage.AWAITING_SIGN_OFF, ["Record on behalf", "Reopen"], [">Publish<", "Close updates early"]),
        (Stage.SIGNED_OFF, [">Publish<", "Reopen"], ["Record on behalf", "Close updates early"]),
        (Stage.PUBLISHED, ["Record the assessment", "Reopen", "Edition 1"], [">Publish<", "Change dates, meeting"]),
        (Stage.ASSESSED, ["Commission the next report", "Reopen", "Edition 2"], [">Publish<", "Change dates, meeting"]),
    ],
)
def test_manage_offers_next_step(client, inquiry, clerk, stage, shown, hidden):
    report = make_report(inquiry, clerk, at=stage)
    client.force_login(clerk)
    page = words(client.get(at("manage", report)))
    assert [one for one in shown if one not in page] == []
    assert [one for one in hidden if one in page] == []


@pytest.mark.parametrize("rows", [1, 3])
def test_manage_query_count_is_constant(client, inquiry, clerk, meeting, django_assert_num_queries, rows):
    report = make_report(inquiry, clerk, meeting=meeting)
    if rows == 1:
        report.updates.exclude(pk=report.updates.about("1a").get().pk).delete()
    client.force_login(clerk)
    with django_assert_num_queries(12):
        assert len(client.get(at("manage", report)).context["lines"]) == rows


# Dates, collection, sign-off, publishing, reopening


def test_reschedule_changes_dates_and_cabinet_members(client, inquiry, clerk, meeting, cabinet_member):
    report = make_report(inquiry, clerk)
    other = person("Councillor Idris Vaughan")
    CabinetMember.objects.create(person=other, portfolio="Finance", from_date=date(2026, 5, 1))
    client.force_login(clerk)
    where = at("reschedule", report)
    assert client.get(where).context["form"]["cabinet_members"].value() == [cabinet_member.pk]
    data = {"meeting": meeting.pk, "cabinet_members": [other.pk], **day("updates_due_on", date(2026, 12, 1))}
    wrong = client.post(where, data | day("sign_off_due_on", date(2026, 11, 30)))
    assert errors(wrong) == ["Sign-off cannot be due before the updates are."]
    assert report.sign_offs.get().person == cabinet_member
    client.post(where, data | day("sign_off_due_on", date(2026, 12, 2)))
    report.refresh_from_db()
    assert (report.meeting, report.updates_due_on, report.sign_off_due_on) == (
        meeting,
        date(2026, 12, 1),
        date(2026, 12, 2),
    )
    assert report.sign_offs.get().person == other


def test_reschedule_suggests_dates(client, inquiry, clerk, meeting):
    report = make_report(inquiry, clerk)
    client.force_login(clerk)
    response = client.post(at("reschedule", report), {"meeting": meeting.pk, "action": "work_out"})
    assert response.context["form"].data["sign_off_due_on_day"] == str(meeting.deadlines.sign_off.day)
    report.refresh_from_db()
    assert report.meeting is None


def test_reschedule_refuses_published_report(client, inquiry, clerk):
    report = make_report(inquiry, clerk, at=Stage.PUBLISHED)
    client.force_login(clerk)
    assert client.get(at("reschedule", report)).status_code == 403
    assert "reopen it before you change its dates" in words(client.post(at("reschedule", report), {}))


def test_close_updates_lists_missing_updates(client, inquiry, clerk, cabinet_member):
    report = make_report(inquiry, clerk)
    update = report.updates.about("2").get()
    saved = progress.save_update(update, version=0, text="Done.", by=clerk, now=NOW)
    progress.submit_update(saved, version=1, by=clerk, now=NOW)
    client.force_login(clerk)
    answer = client.get(at("close_updates", report))
    assert [u.response.references for u in answer.context["missing"]] == ["1a and 1b", "10"]
    assert "1a and 1b: Siân Llŷr-Ôwain" in words(answer)
    client.post(at("close_updates", report))
    report.refresh_from_db()
    assert report.stage == Stage.AWAITING_SIGN_OFF
    assert "cannot be done now" in words(client.post(at("close_updates", report)))
    assert client.get(at("close_updates", report)).status_code == 403


def test_record_sign_off_requires_evidence(client, inquiry, clerk):
    report = make_report(inquiry, clerk, at=Stage.AWAITING_SIGN_OFF)
    where = at("record_sign_off", report, report.sign_offs.get().pk)
    client.force_login(clerk)
    assert client.get(where).status_code == 200
    assert errors(client.post(where, {"evidence_note": " "})) == ["Note how the Cabinet Member's agreement is known"]
    client.post(where, {"evidence_note": "An e-mail of 23 November."})
    sign_off = report.sign_offs.get()
    assert (sign_off.signed_by, sign_off.evidence_note) == (clerk, "An e-mail of 23 November.")
    late = client.post(where, {"evidence_note": "Once more."})
    assert "Once more.</textarea>" in words(late)
    assert len(errors(late)) == 1
    assert client.get(at("record_sign_off", report, 0)).status_code == 404


def test_publish_explains_then_publishes(client, inquiry, clerk, meeting, member):
    report = make_report(inquiry, clerk, at=Stage.SIGNED_OFF, meeting=meeting)
    client.force_login(clerk)
    page = words(client.get(at("publish", report)))
    assert "1 member of the Communities Select Committee is notified by e-mail" in page
    assert "the last day to publish is 11 January 2027." in page
    assert "which are not public yet" in page
    client.post(at("publish", report))
    report.refresh_from_db()
    assert (report.stage, Notification.objects.filter(occasion="report_published").get().recipient) == (
        Stage.PUBLISHED,
        member,
    )


def test_failed_pdf_stops_publishing(client, inquiry, clerk, monkeypatch):
    def broken(content):
        raise PdfFailed("The PDF could not be made.")

    report = make_report(inquiry, clerk, at=Stage.SIGNED_OFF)
    monkeypatch.setattr("inquiries.actions.publication.progress_report_pdf", broken)
    client.force_login(clerk)
    response = client.post(at("publish", report))
    assert errors(response) == ["The PDF could not be made."]
    report.refresh_from_db()
    assert (report.stage, report.inquiry.is_public) == (Stage.SIGNED_OFF, False)


def test_reopen_requires_stage_and_reason(client, inquiry, clerk):
    report = make_report(inquiry, clerk, at=Stage.PUBLISHED)
    client.force_login(clerk)
    where = at("reopen", report)
    form = client.get(where).context["form"]
    assert [value for value, _ in form.fields["to"].choices] == ["signed_off", "awaiting_sign_off", "commissioned"]
    assert errors(client.post(where, {})) == ["Choose where the report goes back to", "Say why the report is reopened"]
    response = client.post(where, {"to": "commissioned", "reason": "A wrong figure."})
    assert errors(response) == ["Choose at least one update that is to be written again"]
    assert "A wrong figure.</textarea>" in words(response)
    update = report.updates.about("2").get()
    client.post(where, {"to": "commissioned", "reason": "A wrong figure.", "updates": [update.pk]})
    report.refresh_from_db()
    assert (report.stage, [u.pk for u in report.updates.open()]) == (Stage.COMMISSIONED, [update.pk])
    assert Entry.objects.get(verb="reopen").note == "A wrong figure."
    assert client.get(where).status_code == 403


# Inquiries, recommendations, responses


def test_publish_and_withdraw_inquiry(client, inquiry, clerk):
    client.force_login(clerk)
    publish, withdraw = (reverse(f"clerk:{n}_inquiry", args=[inquiry.slug]) for n in ("publish", "withdraw"))
    assert client.get(publish).status_code == client.get(withdraw).status_code == 200
    client.post(publish)
    inquiry.refresh_from_db()
    assert inquiry.is_public
    assert errors(client.post(withdraw, {"reason": ""})) == ["Give the reason"]
    client.post(withdraw, {"reason": "Too early."})
    inquiry.refresh_from_db()
    assert not inquiry.is_public


def test_withdraw_inquiry_refuses_published_report(client, inquiry, clerk):
    make_report(inquiry, clerk, at=Stage.PUBLISHED)
    client.force_login(clerk)
    response = client.post(reverse("clerk:withdraw_inquiry", args=[inquiry.slug]), {"reason": "A mistake."})
    assert errors(response) == ["A progress report on this inquiry has been published, so it stays public."]
    assert "A mistake.</textarea>" in words(response)


def test_reword_keeps_earlier_wording(client, inquiry, clerk):
    recommendation = inquiry.recommendations.get(reference="2")
    where = reverse("clerk:reword_recommendation", args=[recommendation.pk])
    client.force_login(clerk)
    assert client.get(where).context["form"]["text"].value() == recommendation.text
    assert errors(client.post(where, {"text": "", "reason": ""})) == [
        "Enter the wording of the recommendation",
        "Give the reason",
    ]
    response = client.post(where, {"text": "That officers\r\nmeet.", "reason": "A slip."})
    assert response.url == recommendation.get_absolute_url()
    recommendation.refresh_from_db()
    assert (recommendation.text, recommendation.wording) == ("That officers\nmeet.", 2)


def test_end_and_resume_recommendation(client, inquiry, clerk, committee):
    meeting = hold_meeting(committee)
    recommendation = inquiry.recommendations.get(reference="10")
    end, resume = (reverse(f"clerk:{n}_recommendation", args=[recommendation.pk]) for n in ("end", "resume"))
    client.force_login(clerk)
    assert client.get(resume).status_code == 403
    assert errors(client.post(end, {})) == ["Choose how it ends", "Enter the day of the decision", "Give the reason"]
    data = {"ending": "superseded", "meeting": meeting.pk, "reason": "A new law.", **day("on", TODAY)}
    client.post(end, data)
    recommendation.refresh_from_db()
    assert (recommendation.ended_as, recommendation.ended_on, recommendation.ended_meeting) == (
        "superseded",
        TODAY,
        meeting,
    )
    assert client.get(end).status_code == 403
    assert errors(client.post(end, data)) == ["Recommendation 10 has already ended."]
    assert client.get(resume).status_code == 200
    client.post(resume, {"reason": "Not so."})
    recommendation.refresh_from_db()
    assert recommendation.ended_as == ""


def test_change_target_date_requires_reason(client, inquiry, clerk):
    response = Response.objects.get(recommendations__reference="2")
    where = reverse("clerk:change_target_date", args=[response.pk])
    client.force_login(clerk)
    client.post(where, day("target_date", date(2027, 3, 1)))
    assert errors(client.post(where, day("target_date", date(2027, 9, 1)))) == ["Say why the target date changes"]
    same = client.post(where, day("target_date", date(2027, 3, 1)) | {"reason": "None."})
    assert errors(same) == ["The target date is the same as before."]
    client.post(where, day("target_date", date(2027, 9, 1)) | {"reason": "The supplier is late."})
    response.refresh_from_db()
    assert (response.original_target_date, response.target_date) == (date(2027, 3, 1), date(2027, 9, 1))
    assert "from 1 March 2027 to 1 September 2027: The supplier is late." in words(client.get(where))


# Doors


def addresses(inquiry, report):
    recommendation, response = inquiry.recommendations.get(reference="10"), Response.objects.first()
    return [
        reverse("clerk:publish_inquiry", args=[inquiry.slug]),
        reverse("clerk:withdraw_inquiry", args=[inquiry.slug]),
        reverse("clerk:commission", args=[inquiry.slug]),
        *(at(name, report) for name in ("manage", "reschedule", "close_updates", "publish", "reopen")),
        at("record_sign_off", report, report.sign_offs.get().pk),
        *(reverse(f"clerk:{n}_recommendation", args=[recommendation.pk]) for n in ("reword", "end", "resume")),
        reverse("clerk:change_target_date", args=[response.pk]),
    ]


def test_pages_are_not_found_by_others(client, inquiry, clerk, officer, cabinet_member, chair, member, stranger):
    report = make_report(inquiry, clerk, at=Stage.PUBLISHED)
    before = Entry.objects.count()
    for where in addresses(inquiry, report):
        assert client.get(where).url == f"/accounts/login/?next={where}"
    for who in (officer, cabinet_member, chair, member, stranger):
        client.force_login(who)
        for where in addresses(inquiry, report):
            assert client.get(where).status_code == 404, where
            assert client.post(where, {"reason": "No."}).status_code in (404, 405), where
    assert Entry.objects.count() == before


def test_unknown_records_are_not_found(client, clerk, inquiry):
    client.force_login(clerk)
    for where in ("/clerk/inquiries/none/commission/", "/clerk/inquiries/warm-homes-inquiry/progress/6/"):
        assert client.get(where).status_code == 404
    assert client.put(reverse("clerk:commission", args=[inquiry.slug])).status_code == 405


def test_input_survives_signing_in(client, inquiry, clerk):
    where = reverse("clerk:withdraw_inquiry", args=[inquiry.slug])
    client.post(where, {"reason": "It was too early.", "writer": clerk.signed_key})
    client.force_login(clerk)
    assert "It was too early.</textarea>" in words(client.get(where))
    client.post(where, {"action": "discard"})
    assert "It was too early." not in words(client.get(where))


def test_text_is_escaped(client, inquiry, clerk):
    evil = "<script>alert(1)</script> {{ 7|add:7 }}"
    recommendation = inquiry.recommendations.get(reference="10")
    inquiry_actions.reword_recommendation(recommendation, text=evil, reason=evil, by=clerk, now=NOW)
    responses.correct_response(Response.objects.get(recommendations=recommendation), text=evil, by=clerk, now=NOW)
    report = make_report(inquiry, clerk)
    client.force_login(clerk)
    for where in addresses(inquiry, report):
        assert "<script>alert" not in words(client.get(where))
    assert "{{ 7|add:7 }}" in words(client.get(reverse("clerk:commission", args=[inquiry.slug])))


def test_reopening_warns_about_closing_rating(client, inquiry, clerk):
    report = make_report(inquiry, clerk, at=Stage.ASSESSED)
    assert report.updates.filter(assessment__rating=Rating.IMPLEMENTED).exists()
    client.force_login(clerk)
    assert "judged them implemented are open again" in words(client.get(at("reopen", report)))


def text_of(response):
    return " ".join(re.sub("<[^>]*>", " ", response.content.decode()).split())


def test_manage_lists_e_mails_and_reminds(client, inquiry, clerk, officer, other_officer, monkeypatch):
    report = make_report(inquiry, clerk)
    mail = Notification.objects.get(recipient=officer)
    Notification.objects.filter(pk=mail.pk).update(sent_on=NOW, opened_on=NOW + timedelta(hours=1))
    Notification.objects.filter(recipient=other_officer).update(
        failures=12, refused_on=NOW, last_failure="SMTPRecipientsRefused 550 5.1.1"
    )
    client.force_login(clerk)
    page = text_of(client.get(at("manage", report)))
    assert "Progress update needed on recommendations 1a and 1b: Warm Homes Inquiry" in page
    assert "23 November 2026 at 09:30 link followed 23 November 2026 at 10:30" in page
    assert "Not delivered The address was refused 23 November 2026 at 09:30. Correct the address" in page
    assert "Remind everybody who is late" not in page
    # Its sender was killed, and it was withdrawn.
    Notification.objects.filter(pk=mail.pk).update(sent_on=None, attempted_on=NOW)
    Notification.objects.filter(pk=mail.pk).withdraw()
    page = text_of(client.get(at("manage", report)))
    assert "Not known The service stopped while it was being sent; afterwards it was no longer needed." in page
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime(2027, 6, 3, 10, tzinfo=UTC))
    client.force_login(clerk)
    assert "Remind everybody who is late" in text_of(client.get(at("manage", report)))
    answer = client.post(at("remind", report), follow=True)
    assert answer.redirect_chain == [(at("manage", report), 302)]
    assert "E-mails on their way: Siân Llŷr-Ôwain, Tom Okafor." in text_of(answer)
    task = f"update:{report.updates.get(response__lead_officer=officer).pk}"
    answer = client.post(at("remind", report), {"task": task, "next": "/"}, follow=True)
    assert answer.redirect_chain == [("/", 302)]
    assert "Nobody was reminded. Had an e-mail about it today: Siân Llŷr-Ôwain." in text_of(answer)
    for elsewhere in ("//evil.example/", "https://evil.example/", "javascript:alert(1)"):
        assert client.post(at("remind", report), {"next": elsewhere}).url == at("manage", report)


def test_clerks_see_addresses_that_are_refused(client, clerk, officer):
    Person.objects.filter(pk=officer.pk).update(refused_address=officer.email)
    client.force_login(clerk)
    page = client.get("/").content.decode()
    assert "Correct the e-mail address of Siân Llŷr-Ôwain" in page
    assert reverse("clerk:change_person", args=[officer.pk]) in page
    assert "The mail server does not take e-mails" in words(client.get(reverse("clerk:person", args=[officer.pk])))
    Person.objects.filter(pk=officer.pk).update(email="new@wealdshire.example")
    assert "Correct the e-mail address" not in client.get("/").content.decode()
