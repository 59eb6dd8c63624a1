from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from inquiries.actions import assessments, progress, publication
from inquiries.choices import Ending, Rating, Stage
from inquiries.documents.typst_runner import PdfFailed
from inquiries.models import Assessment, Entry, Indication, Meeting, Membership
from tests.cast import NOW, person
from tests.factories import confirm_assessments, make_meeting, make_report


@pytest.fixture
def report(inquiry, committee, clerk):
    """Published, for the meeting of 15 December 2026."""
    return make_report(inquiry, clerk, at=Stage.PUBLISHED, meeting=make_meeting(committee))


@pytest.fixture
def begun(report):
    """Its meeting has begun an hour ago."""
    report.meeting.start = timezone.now() - timedelta(hours=1)
    report.meeting.save()


def address(report, view="assess", *reference):
    return reverse(f"committee:{view}", args=[report.inquiry.slug, report.months_on, *reference])


def row(report, reference="2"):
    return report.updates.about(reference).get()


def place(page, reference):
    return next(p for p in page.context["places"] if p.update.reference == reference)


def test_assess_shows_the_chair_every_row_with_a_form(client, report, begun, chair):
    client.force_login(chair)
    page = client.get(address(report)).content.decode()
    assert page.count('name="rating"') == 3 * 5
    assert page.count("Not assessed yet") == 3
    assert page.count("Recommendation on track to be completed to the satisfaction of the committee.") == 3
    assert "Recorded: 0 of 3" in page
    assert "Go on to confirm the assessments" in page


def test_assess_row_records_and_says_so_beside_the_row(client, report, chair):
    client.force_login(chair)
    answer = client.post(address(report, "assess_row", "2"), {"rating": "3", "comment": "Slow.", "seen": ""})
    update = row(report)
    assert answer.url == f"{address(report)}#row-{update.pk}"
    recorded = update.assessment
    assert (recorded.rating, recorded.comment, recorded.recorded_by) == (Rating.CONCERNS, "Slow.", chair)
    page = client.get(address(report))
    assert place(page, "2").said == ["Saved for 2: Concerns."]
    assert place(page, "1a").said == []
    assert (place(page, "2").state, place(page, "1a").state) == ("Concerns", "not yet")
    assert "Recorded: 1 of 3" in page.content.decode()
    assert "Saved for 2" not in client.get(address(report)).content.decode()


def test_assess_row_can_leave_it_to_be_assessed_with_a_comment(client, report, clerk):
    client.force_login(clerk)
    client.post(address(report, "assess_row", "2"), {"rating": "", "comment": "Deferred to March.", "seen": ""})
    recorded = Assessment.objects.get(update=row(report))
    assert (recorded.rating, recorded.comment) == (None, "Deferred to March.")
    assert place(client.get(address(report)), "2").state == "to be assessed"


def test_assess_row_again_starts_from_what_was_seen(client, report, chair):
    client.force_login(chair)
    client.post(address(report, "assess_row", "2"), {"rating": "3", "comment": "Slow.", "seen": ""})
    form = place(client.get(address(report)), "2").form
    assert (form["rating"].value(), form["comment"].value()) == (3, "Slow.")
    client.post(address(report, "assess_row", "2"), {"rating": "2", "comment": "", "seen": form["seen"].value()})
    assert row(report).assessment.rating == Rating.ON_TRACK


def test_second_click_on_an_assessment_says_what_the_first_did(client, report, chair):
    client.force_login(chair)
    sent = {"rating": "3", "comment": "Slow.", "seen": ""}
    client.post(address(report, "assess_row", "2"), sent)
    client.get(address(report))
    again = client.post(address(report, "assess_row", "2"), sent, follow=True)
    assert "Saved for 2: Concerns." in again.content.decode()
    assert Entry.objects.filter(verb="assess").count() == 1


def test_own_first_save_is_no_clash(client, report, chair):
    client.force_login(chair)
    client.post(address(report, "assess_row", "2"), {"rating": "3", "comment": "Slow.", "seen": ""})
    answer = client.post(address(report, "assess_row", "2"), {"rating": "3", "comment": "Slow, and dear.", "seen": ""})
    assert answer.status_code == 302
    assert row(report).assessment.comment == "Slow, and dear."


def test_second_click_on_an_indication_says_what_the_first_did(client, report, member):
    client.force_login(member)
    for _ in range(2):
        client.post(address(report, "indicate", "2"), {"rating": "3", "note": "Slow."})
    assert "Your indication is saved: Concerns." in client.get(address(report)).content.decode()
    assert Entry.objects.filter(verb="indicate").count() == 1


def test_assess_row_after_somebody_else_shows_both(client, report, chair, clerk):
    client.force_login(chair)
    recorded = assessments.assess(
        row(report), rating=Rating.ON_TRACK, comment="As the clerk heard it.", seen=None, by=clerk, now=NOW
    )
    answer = client.post(address(report, "assess_row", "2"), {"rating": "4", "comment": "Not at all.", "seen": ""})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Carys Whitlock has recorded an assessment of 2 while you were writing." in page
    assert "As the clerk heard it." in page
    form = place(answer, "2").form
    assert (form["rating"].value(), form["comment"].value()) == ("4", "Not at all.")
    assert row(report).assessment.recorded_at == recorded.recorded_at
    client.post(
        address(report, "assess_row", "2"), {"rating": "4", "comment": "Not at all.", "seen": form["seen"].value()}
    )
    assert row(report).assessment.rating == Rating.NOT_DELIVERED


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"rating": "9"}, "Select a valid choice"),
        ({"rating": "2", "comment": "a\0b"}, "Null characters are not allowed."),
        ({"rating": "2", "seen": "yesterday"}, "This page was not complete."),
    ],
)
def test_assess_row_with_bad_input_says_so_and_keeps_the_comment(client, report, chair, sent, message):
    client.force_login(chair)
    answer = client.post(address(report, "assess_row", "2"), {"comment": "Keep this.", "seen": "", **sent})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert message in page
    assert "There is a problem" in page
    assert "Keep this." in page or "comment" in sent
    assert not Assessment.objects.exists()


def test_assess_row_too_late_keeps_the_comment_on_the_page(client, report, chair, clerk):
    client.force_login(chair)
    confirm_assessments(report, by=clerk, now=NOW)
    answer = client.post(address(report, "assess_row", "2"), {"rating": "1", "comment": "Well done.", "seen": ""})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "the committee&#x27;s assessments have been confirmed" in page
    assert "Well done.</textarea>" in page


def test_assess_row_by_its_address_alone_leads_to_the_row(client, report, chair):
    client.force_login(chair)
    assert client.get(address(report, "assess_row", "1b")).url == f"{address(report)}#row-{row(report, '1a').pk}"
    assert client.get(address(report, "indicate", "2")).url == f"{address(report)}#row-{row(report).pk}"
    assert client.get(address(report, "assess_row", "99")).status_code == 404


def test_comment_is_kept_through_signing_in_again(client, report, chair):
    there = address(report, "assess_row", "2")
    answer = client.post(there, {"rating": "3", "comment": "Slow, and dear.", "seen": "", "writer": chair.signed_key})
    assert answer.url == f"/accounts/login/?next={there}"
    client.force_login(chair)
    page = client.get(there)
    assert "You have text that was not saved" in page.content.decode()
    assert place(page, "2").form["comment"].value() == "Slow, and dear."
    client.post(there, {"action": "discard"})
    assert client.get(there).status_code == 302
    assert not Assessment.objects.exists()


def test_indicate_is_for_the_member_alone_until_the_meeting_has_begun(client, report, member, committee, chair, clerk):
    colleague = person("Councillor Bryn Tate", "bryn@wealdshire.example")
    Membership.objects.create(committee=committee, person=colleague, from_date=date(2025, 5, 20))
    client.force_login(member)
    answer = client.post(address(report, "indicate", "2"), {"rating": "2", "note": "Ask about <agencies>."})
    assert answer.url == f"{address(report)}#row-{row(report).pk}"
    page = client.get(address(report))
    assert place(page, "2").said == ["Your indication is saved: On track."]
    assert (place(page, "2").form["note"].value(), place(page, "2").state) == ("Ask about <agencies>.", "On track")
    assert "Not assessed yet" not in page.content.decode()
    client.force_login(colleague)
    assert "Ask about" not in client.get(address(report)).content.decode()
    Meeting.objects.filter(pk=report.meeting_id).update(start=timezone.now() + timedelta(days=30))
    for who in (chair, clerk):
        client.force_login(who)
        assert "Ask about" not in client.get(address(report)).content.decode()
    Meeting.objects.filter(pk=report.meeting_id).update(start=timezone.now() - timedelta(hours=1))
    for who in (chair, clerk):
        client.force_login(who)
        page = client.get(address(report)).content.decode()
        assert "Councillor Anwen Pritchard: On track. “Ask about &lt;agencies&gt;.”" in page
        assert "1 × ★ On track" in page


def test_indicate_needs_a_rating_and_keeps_the_note(client, report, member):
    client.force_login(member)
    answer = client.post(address(report, "indicate", "2"), {"note": "Ask about agencies."})
    page = answer.content.decode()
    assert page.count("Choose one of the four ratings for 2") == 2
    assert "Ask about agencies.</textarea>" in page
    assert not Indication.objects.exists()


def test_indication_can_be_changed_and_taken_back(client, report, member):
    client.force_login(member)
    for rating in ("2", "3"):
        client.post(address(report, "indicate", "2"), {"rating": rating, "note": ""})
    assert [i.rating for i in Indication.objects.all()] == [Rating.CONCERNS]
    client.post(address(report, "indicate", "2"), {"action": "remove"})
    assert not Indication.objects.exists()
    client.post(address(report, "indicate", "2"), {"action": "remove"})
    assert place(client.get(address(report)), "2").state == "not yet"


def test_members_neither_assess_nor_confirm(client, report, member):
    client.force_login(member)
    for answer in (
        client.post(address(report, "assess_row", "2"), {"rating": "1"}),
        client.get(address(report, "confirm")),
        client.post(address(report, "confirm")),
    ):
        assert answer.status_code == 403
        assert "Only the chair or a clerk" in answer.content.decode()
    assert not Assessment.objects.exists()


def test_members_see_no_assessment_before_it_is_confirmed(client, report, member, clerk):
    assessments.assess(row(report), rating=Rating.NOT_DELIVERED, comment="A scandal.", seen=None, by=clerk, now=NOW)
    client.force_login(member)
    page = client.get(address(report))
    assert "A scandal." not in page.content.decode()
    assert place(page, "2").state == "not yet"
    confirm_assessments(report, by=clerk, now=NOW)
    page = client.get(address(report)).content.decode()
    assert "A scandal." in page
    assert '<form method="post" action="/inquiries' not in page


def test_a_clerk_does_not_indicate(client, report, clerk):
    client.force_login(clerk)
    assert client.post(address(report, "indicate", "2"), {"rating": "1"}).status_code == 403


def test_confirm_shows_all_and_what_is_left(client, report, begun, chair):
    client.force_login(chair)
    client.post(address(report, "assess_row", "1a"), {"rating": "1", "comment": "Well done.", "seen": ""})
    page = client.get(address(report, "confirm")).content.decode()
    assert "Not assessed yet, and shown as “to be assessed”: 2; 10." in page
    assert "Assessed as implemented, and now closed: 1a and 1b." in page
    assert "Well done." in page


def test_confirm_waits_for_the_meeting(client, report, chair):
    Meeting.objects.filter(pk=report.meeting_id).update(start=timezone.now() + timedelta(days=30))
    client.force_login(chair)
    page = client.get(address(report)).content.decode()
    assert "which has not begun. You can record drafts now and confirm them then." in page
    assert "Go on to confirm the assessments" not in page
    for answer in (client.get(address(report, "confirm")), client.post(address(report, "confirm"), {"seen": ""})):
        assert answer.status_code == 403
        assert "which has not begun" in answer.content.decode()
    report.refresh_from_db()
    assert report.stage == Stage.PUBLISHED


def test_confirm_of_a_report_without_a_meeting_asks_at_which_it_was(client, inquiry, committee, clerk, chair):
    report = make_report(inquiry, clerk, at=Stage.PUBLISHED)
    held, to_come = (
        Meeting.objects.create(committee=committee, start=timezone.now() + timedelta(days=days)) for days in (-2, 30)
    )
    client.force_login(chair)
    page = client.get(address(report, "confirm"))
    assert list(page.context["form"].fields["meeting"].queryset) == [held]
    page = client.post(address(report, "confirm"), {"seen": page.context["seen"], "meeting": to_come.pk})
    assert "Choose the meeting at which the committee decided" in page.content.decode()
    client.post(address(report, "confirm"), {"seen": page.context["seen"], "meeting": held.pk})
    report.refresh_from_db()
    assert (report.stage, report.meeting, report.assessed_on) == (Stage.ASSESSED, held, held.day)


def test_confirm_makes_the_ratings_public_and_closes_rows(client, report, begun, inquiry, chair):
    client.force_login(chair)
    client.post(address(report, "assess_row", "1a"), {"rating": "1", "comment": "", "seen": ""})
    mark = client.get(address(report, "confirm")).context["seen"]
    page = client.post(address(report, "confirm"), {"seen": mark}, follow=True)
    assert "The assessments are confirmed, and the ratings are public." in page.content.decode()
    report.refresh_from_db()
    assert (report.stage, report.assessed_by) == (Stage.ASSESSED, chair)
    ended = inquiry.recommendations.filter(ended_as=Ending.IMPLEMENTED).values_list("reference", flat=True)
    assert list(ended) == ["1a", "1b"]
    again = client.post(address(report, "confirm"), {"seen": mark}, follow=True)
    assert "These assessments were confirmed already." in again.content.decode()
    assert client.get(address(report, "confirm")).status_code == 403
    assert report.editions.count() == 2


def test_confirm_of_ratings_that_changed_meanwhile_shows_them_again(client, report, begun, chair, clerk):
    client.force_login(chair)
    mark = client.get(address(report, "confirm")).context["seen"]
    assessments.assess(row(report), rating=Rating.CONCERNS, comment="", seen=None, by=clerk, now=NOW)
    answer = client.post(address(report, "confirm"), {"seen": mark})
    assert answer.status_code == 409
    assert "A rating was recorded since you opened this page." in answer.content.decode()
    report.refresh_from_db()
    assert report.stage == Stage.PUBLISHED


def test_confirm_says_when_the_report_cannot_be_printed(client, report, begun, chair, monkeypatch):
    def fail(content):
        raise PdfFailed("The PDF took too long to make.")

    monkeypatch.setattr("inquiries.actions.publication.progress_report_pdf", fail)
    client.force_login(chair)
    answer = client.post(address(report, "confirm"), {"seen": ""})
    assert answer.status_code == 500
    assert "Nothing was confirmed. The PDF took too long to make." in answer.content.decode()
    report.refresh_from_db()
    assert report.stage == Stage.PUBLISHED


def test_before_publication_only_clerks_know_of_it(client, inquiry, clerk, member, chair, other_member, stranger):
    report = make_report(inquiry, clerk, at=Stage.SIGNED_OFF)
    for who in (member, chair, other_member, stranger):
        client.force_login(who)
        assert client.get(address(report)).status_code == 404
        assert client.get(address(report, "confirm")).status_code == 404
        assert client.post(address(report, "assess_row", "2"), {"rating": "1"}).status_code == 404
        assert client.post(address(report, "indicate", "2"), {"rating": "1"}).status_code == 404
    client.force_login(clerk)
    assert "There is nothing to assess yet." in client.get(address(report)).content.decode()
    answer = client.post(address(report, "assess_row", "2"), {"rating": "1"})
    assert answer.status_code == 403
    assert "“Record an assessment” cannot be done now" in answer.content.decode()


def test_officers_and_cabinet_members_are_told_why_the_page_is_not_theirs(
    client, report, officer, cabinet_member, other_member, stranger
):
    for who in (officer, cabinet_member, other_member, stranger):
        client.force_login(who)
        answer = client.get(address(report))
        assert answer.status_code == 403
        assert "Only members of the committee" in answer.content.decode()
        assert client.post(address(report, "indicate", "2"), {"rating": "1"}).status_code == 403


def test_a_reopened_report_is_not_assessed(client, report, member, clerk):
    progress.reopen(report, to=Stage.SIGNED_OFF, reason="A misprint.", by=clerk, now=NOW)
    client.force_login(member)
    answer = client.get(address(report))
    assert answer.status_code == 403
    assert "the report has been signed off" in answer.content.decode()


def test_whoever_is_not_signed_in_signs_in_first(client, report):
    for view in ("assess", "confirm"):
        assert client.get(address(report, view)).url == f"/accounts/login/?next={address(report, view)}"
    assert client.post(address(report, "confirm"), {"seen": ""}).status_code == 302
    assert client.post(address(report)).status_code == 405
    assert not Assessment.objects.exists()


def test_exempt_words_are_read_on_the_committee_page_only(client, inquiry, clerk, member, chair):
    report = make_report(inquiry, clerk)
    for update in report.updates.for_page():
        saved = progress.save_update(
            update,
            version=0,
            text="Held.",
            exempt_text="Talks with Acme Ltd." if update.reference == "2" else "",
            exempt_paragraph=3 if update.reference == "2" else None,
            by=clerk,
            now=NOW,
        )
        progress.submit_update(saved, version=saved.version, by=clerk, now=NOW)
    progress.record_sign_off(report.sign_offs.get(), evidence_note="An e-mail.", by=clerk, now=NOW)
    publication.publish(report, by=clerk, now=NOW)
    for who in (member, chair, clerk):
        client.force_login(who)
        assert "Talks with Acme Ltd." in client.get(address(report)).content.decode()
    assert "Acme" not in str(report.editions.get().content)


def test_last_time_stands_beside_the_row(client, inquiry, clerk, member, chair, committee):
    first = make_report(inquiry, clerk, at=Stage.PUBLISHED)
    assessments.assess(row(first), rating=Rating.CONCERNS, comment="Too little.", seen=None, by=clerk, now=NOW)
    confirm_assessments(first, by=clerk, now=NOW)
    second = make_report(inquiry, clerk, at=Stage.PUBLISHED, months_on=12)
    for who in (member, chair, clerk):
        client.force_login(who)
        page = client.get(address(second)).content.decode()
        assert page.count("Last time") == 1
        assert "Too little." in page


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("who", "queries"), [("member", 12), ("chair", 12), ("clerk", 12)])
def test_the_page_asks_the_database_as_often_for_one_row_as_for_three(
    client, request, report, member, django_assert_num_queries, who, queries, rows
):
    reader = request.getfixturevalue(who)
    for update in report.updates.all():
        assessments.indicate(update, rating=Rating.ON_TRACK, note="", by=member, now=NOW)
    if rows == 1:
        for update in report.updates.exclude(pk=row(report, "1a").pk):
            update.indications.all().delete()
            update.delete()
    client.force_login(reader)
    there = address(report)
    with django_assert_num_queries(queries):
        assert len(client.get(there).context["places"]) == rows
