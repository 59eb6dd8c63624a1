from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from inquiries.actions import assessments, progress, publication
from inquiries.choices import Ending, Rating, Stage
from inquiries.documents.typst_runner import PdfFailed
from inquiries.models import AgendaPack, Assessment, Draft, Entry, Indication, Meeting, Membership
from inquiries.views import committee as committee_views
from tests.cast import NOW, person
from tests.factories import confirm_assessments, make_meeting, make_report
from tests.published_agendas import MARKER, county_agenda


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


def listed(page, reference):
    return next(each for each in page.context["listed"] if each.update.reference == reference)


def answers(page, **changes):
    """What a browser sends of the page, with these changes: {"rating_2": "3"}."""
    sent = {}
    for each in page.context["page"]:
        reference = each.update.reference
        sent[f"rating-{each.key}"] = changes.get(f"rating_{reference}", each.rating)
        sent[f"text-{each.key}"] = changes.get(f"text_{reference}", each.text)
        sent[f"seen-{each.key}"] = changes.get(f"seen_{reference}", each.seen)
    return sent


def save(client, there, **changes):
    return client.post(there, answers(client.get(there), **changes))


def test_assess_shows_the_chair_every_row(client, report, begun, chair):
    client.force_login(chair)
    page = client.get(address(report)).content.decode()
    assert page.count('type="radio"') == 3 * 5
    assert page.count("Not assessed yet") == 3
    assert page.count("<legend>The committee’s assessment of ") == 3
    assert "Recorded: 0 of 3" in page
    assert "Go on to confirm the assessments" in page
    assert page.count(">Save</button>") == 1


def test_assess_saves_the_rows_that_were_changed(client, report, chair):
    client.force_login(chair)
    answer = save(client, address(report), rating_2="3", text_2="Slow.", rating_1a="1")
    assert answer.url == f"{address(report)}#row-{row(report).pk}"
    recorded = row(report).assessment
    assert (recorded.rating, recorded.comment, recorded.recorded_by) == (Rating.CONCERNS, "Slow.", chair)
    assert row(report, "1a").assessment.rating == Rating.IMPLEMENTED
    assert Assessment.objects.count() == Entry.objects.filter(verb="assess").count() == 2
    page = client.get(address(report))
    assert "Saved: 1a and 1b and 2." in page.content.decode()
    assert (listed(page, "2").state, listed(page, "10").state) == (("!", "Concerns"), ("", "not yet"))
    assert "Recorded: 2 of 3" in page.content.decode()
    assert "Saved:" not in client.get(address(report)).content.decode()


def test_assess_of_nothing_changed_writes_nothing(client, report, chair):
    client.force_login(chair)
    save(client, address(report), rating_2="3", text_2="Slow.\nVery.")
    answer = save(client, address(report), text_2="Slow.\r\nVery. ")
    assert answer.url == address(report)
    assert "Nothing was changed." in client.get(answer.url).content.decode()
    assert Entry.objects.filter(verb="assess").count() == 1


def test_assess_can_leave_a_row_to_be_assessed_with_a_comment(client, report, clerk):
    client.force_login(clerk)
    save(client, address(report), text_2="Deferred to March.")
    recorded = Assessment.objects.get(update=row(report))
    assert (recorded.rating, recorded.comment) == (None, "Deferred to March.")


def test_second_click_on_save_says_what_the_first_did(client, report, chair):
    client.force_login(chair)
    page = client.get(address(report))
    sent = answers(page, rating_2="3") | {"form_key": "abc"}
    for _ in range(2):
        answer = client.post(address(report), sent)
    assert "Saved: 2." in client.get(answer.url).content.decode()
    assert Entry.objects.filter(verb="assess").count() == 1


def test_a_row_that_somebody_else_changed_is_shown_with_both_and_the_others_are_saved(client, report, chair, clerk):
    client.force_login(chair)
    page = client.get(address(report))
    there = assessments.assess(
        row(report), rating=Rating.ON_TRACK, comment="As the clerk heard it.", seen=None, by=clerk, now=NOW
    )
    answer = client.post(address(report), answers(page, rating_2="4", text_2="Not at all.", rating_10="2"))
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert shown.count("Carys Whitlock has recorded an assessment of 2 while you were writing.") == 2
    assert "As the clerk heard it." in shown
    assert "Saved: 10." in shown
    assert (listed(answer, "2").rating, listed(answer, "2").text) == ("4", "Not at all.")
    assert row(report).assessment.recorded_at == there.recorded_at
    assert row(report, "10").assessment.rating == Rating.ON_TRACK
    client.post(address(report), answers(answer))
    assert row(report).assessment.rating == Rating.NOT_DELIVERED
    assert row(report, "10").assessment.rating == Rating.ON_TRACK


def test_a_row_left_alone_does_not_take_back_what_somebody_else_recorded(client, report, chair, clerk):
    client.force_login(chair)
    page = client.get(address(report))
    assessments.assess(row(report), rating=Rating.ON_TRACK, comment="", seen=None, by=clerk, now=NOW)
    assert client.post(address(report), answers(page, rating_10="2")).status_code == 302
    assert row(report).assessment.recorded_by == clerk


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"rating_2": "9"}, "Select a valid choice"),
        ({"text_2": "a\0b"}, "Null characters are not allowed."),
        ({"rating_2": "2", "seen_2": "yesterday"}, "This page was not complete."),
    ],
)
def test_bad_input_in_a_row_says_so_beside_it_and_the_others_are_saved(client, report, chair, sent, message):
    client.force_login(chair)
    changes = {"text_2": "Keep this.", "rating_10": "1", **sent}
    answer = save(client, address(report), **changes)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count(message) == 2
    assert f'href="#text-{row(report).pk}"' in page
    assert "Keep this." in page or "text_2" in sent
    assert [one.update for one in Assessment.objects.all()] == [row(report, "10")]


def test_saving_too_late_keeps_what_was_typed_on_the_page(client, report, chair, clerk):
    client.force_login(chair)
    page = client.get(address(report))
    confirm_assessments(report, by=clerk, now=NOW)
    answer = client.post(address(report), answers(page, rating_2="1", text_2="Well done."))
    shown = answer.content.decode()
    assert answer.status_code == 403
    assert "the committee&#x27;s assessments have been confirmed" in shown
    assert "readonly>Well done.</textarea>" in shown
    assert "Not saved, for you to copy: Implemented" in shown


def test_what_was_typed_is_kept_through_signing_in_again(client, report, chair):
    client.force_login(chair)
    sent = answers(client.get(address(report)), rating_2="3", text_2="Slow, and dear.") | {"writer": chair.signed_key}
    client.logout()
    answer = client.post(address(report), sent)
    assert answer.url == f"/accounts/login/?next={address(report)}"
    client.force_login(chair)
    page = client.get(address(report))
    assert "You have text that was not saved" in page.content.decode()
    assert (listed(page, "2").text, listed(page, "2").state) == ("Slow, and dear.", ("•", "not saved"))
    client.post(address(report), {"action": "discard"})
    page = client.get(address(report))
    assert listed(page, "2").text == ""
    assert "You have text" not in page.content.decode()
    assert not Assessment.objects.exists()


def test_autosave_keeps_a_draft_and_changes_nothing(client, report, member, officer):
    there = address(report, "autosave")
    assert client.post(there).status_code == 401
    client.force_login(officer)
    assert client.post(there).status_code == 403
    client.force_login(member)
    sent = answers(client.get(address(report)), text_2="Ask who pays.")
    assert client.post(there, sent | {"writer": officer.signed_key}).status_code == 403
    assert "saved_at" in client.post(there, sent | {"writer": member.signed_key}).json()
    assert not Indication.objects.exists()
    page = client.get(address(report))
    assert listed(page, "2").text == "Ask who pays."
    client.post(address(report), answers(page))
    assert Indication.objects.get().note == "Ask who pays."
    assert not Draft.objects.exists()


def test_autosave_after_confirmation_keeps_the_text_for_copying(client, report, member, clerk):
    client.force_login(member)
    sent = answers(client.get(address(report)), text_2="Ask who pays.")
    confirm_assessments(report, by=clerk, now=NOW)
    answer = client.post(address(report, "autosave"), sent)
    assert answer.status_code == 403
    assert "have been confirmed" in answer.json()["message"]
    assert "readonly>Ask who pays.</textarea>" in client.get(address(report)).content.decode()


def test_what_a_member_notes_is_theirs_alone_until_the_meeting_has_begun(
    client, report, member, committee, chair, clerk
):
    colleague = person("Councillor Bryn Tate", "bryn@wealdshire.example")
    Membership.objects.create(committee=committee, person=colleague, from_date=date(2025, 5, 20))
    client.force_login(member)
    assert save(client, address(report), rating_2="2", text_2="Ask about <agencies>.").status_code == 302
    page = client.get(address(report))
    assert (listed(page, "2").text, listed(page, "2").state) == ("Ask about <agencies>.", ("★", "On track"))
    assert "Not assessed yet" not in page.content.decode()
    client.force_login(colleague)
    assert "Ask about" not in client.get(address(report)).content.decode()
    Meeting.objects.filter(pk=report.meeting_id).update(start=timezone.now() + timedelta(days=30))
    for who in (chair, clerk):
        client.force_login(who)
        page = client.get(address(report)).content.decode()
        assert "Ask about" not in page
        assert "Members’ own views are theirs alone until the meeting begins." in page
    Meeting.objects.filter(pk=report.meeting_id).update(start=timezone.now() - timedelta(hours=1))
    for who in (chair, clerk):
        client.force_login(who)
        page = client.get(address(report)).content.decode()
        assert "Councillor Anwen Pritchard, On track: “Ask about &lt;agencies&gt;.”" in page
        assert "Members: 1 × ★ On track" in page
    client.force_login(colleague)
    assert "Ask about" not in client.get(address(report)).content.decode()


def test_a_note_needs_no_rating_and_can_be_taken_back(client, report, member):
    client.force_login(member)
    save(client, address(report), text_2="Ask about agencies.")
    assert (Indication.objects.get().rating, Indication.objects.get().note) == (None, "Ask about agencies.")
    assert listed(client.get(address(report)), "2").state == ("✎", "a text without a rating")
    save(client, address(report), rating_2="3", text_2="")
    assert (Indication.objects.get().rating, Indication.objects.get().note) == (Rating.CONCERNS, "")
    save(client, address(report), rating_2="")
    assert not Indication.objects.exists()


def test_the_chairs_own_assessment_from_another_device_is_not_replaced_unseen(client, report, chair):
    client.force_login(chair)
    page = client.get(address(report))
    save(client, address(report), rating_2="2", text_2="In the room.")
    sent = answers(page, rating_2="4", text_2="On the train.")
    autosaved = client.post(f"{address(report)}autosave/", sent | {"action": "save", "person": chair.pk})
    assert autosaved.json()["left"] == 1
    answer = client.post(address(report), sent)
    assert answer.status_code == 409
    assert "You have recorded something else on 2 since you opened this page" in answer.content.decode()
    assert Assessment.objects.get().comment == "In the room."
    client.post(address(report), answers(answer))
    assert Assessment.objects.get().comment == "On the train."


def test_notes_of_another_device_are_not_replaced_unseen(client, report, member):
    client.force_login(member)
    page = client.get(address(report))
    save(client, address(report), text_2="From the laptop.")
    answer = client.post(address(report), answers(page, text_2="From the tablet."))
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "You have recorded something else on 2 since you opened this page, perhaps on another device." in shown
    assert "From the laptop." in shown
    assert Indication.objects.get().note == "From the laptop."
    client.post(address(report), answers(answer))
    assert Indication.objects.get().note == "From the tablet."


def test_the_chair_has_a_page_of_own_notes(client, report, chair, clerk):
    client.force_login(chair)
    assert address(report, "indicate") in client.get(address(report)).content.decode()
    save(client, address(report, "indicate"), text_2="To ask first.")
    assert Indication.objects.get().recorded_by == chair
    assert not Assessment.objects.exists()
    assert "To ask first." not in client.get(address(report)).content.decode()
    assert "To ask first." in client.get(address(report, "indicate")).content.decode()
    client.force_login(clerk)
    assert client.get(address(report, "indicate")).status_code == 403
    assert client.post(address(report, "indicate")).status_code == 403


def test_what_is_kept_on_a_device_holds_nothing_exempt_and_nothing_of_others(client, report, begun, chair, member):
    update = row(report)
    update.exempt_text, update.exempt_paragraph = "Talks with Acme Ltd.", 3
    update.save()
    assessments.indicate(update, rating=Rating.CONCERNS, note="Mine alone.", by=member, now=NOW)
    client.force_login(chair)
    assert "Mine alone." in client.get(address(report)).content.decode()
    page = client.get(f"{address(report)}?offline=yes").content.decode()
    assert "Acme" not in page
    assert "Mine alone." not in page
    assert "data-offline-copy" in page
    assert "Part of this update is not for publication." in page


def test_paper_to_keep_is_a_published_pack_of_the_meeting(client, report, committee, clerk, member):
    def make_pack(meeting, edition="public", published_at=NOW):
        return AgendaPack.objects.create(
            meeting=meeting,
            edition=edition,
            content={},
            built_at=NOW,
            built_by=clerk,
            published_at=published_at,
            published_by=clerk if published_at else None,
        )

    pack, restricted = make_pack(report.meeting), make_pack(report.meeting, "restricted")
    other = make_pack(make_meeting(committee, date(2027, 1, 19)))
    waiting = make_pack(make_meeting(committee, date(2027, 2, 19)), published_at=None)
    client.force_login(member)
    there = address(report, "offline_paper", pack.pk)
    assert client.get(there).url == pack.get_absolute_url()
    assert f'value="{there}" data-offline-paper' in client.get(address(report)).content.decode()
    for wrong in (restricted, other, waiting):
        assert client.get(address(report, "offline_paper", wrong.pk)).status_code == 404


def test_agenda_to_keep_is_what_the_public_reads(client, inquiry, clerk, member):
    agenda = county_agenda(inquiry, clerk)
    client.force_login(member)
    assert MARKER in client.get(agenda["meeting"].get_absolute_url()).content.decode()
    there = address(agenda["report"], "offline_agenda")
    kept = client.get(there).content.decode()
    assert "Library strategy" in kept
    assert MARKER not in kept
    assert f'value="{there}" data-offline-paper' in client.get(address(agenda["report"])).content.decode()


def test_what_was_kept_on_a_device_is_saved_when_it_is_sent(client, report, member, chair):
    key = row(report).pk
    sent = {f"rating-{key}": "3", f"text-{key}": "On the train.", f"seen-{key}": "", "action": "save"}
    client.force_login(chair)
    assert client.post(address(report, "autosave"), sent | {"person": member.pk}).status_code == 403
    client.force_login(member)
    answer = client.post(address(report, "autosave"), sent | {"person": member.pk})
    assert answer.json()["left"] == 0
    assert Indication.objects.get().note == "On the train."
    assert "Saved: 2." in client.get(address(report)).content.decode()
    answer = client.post(address(report, "autosave"), sent | {f"text-{key}": "Too late.", f"rating-{key}": ""})
    assert answer.json()["left"] == 1
    page = client.get(address(report))
    assert (listed(page, "2").text, Indication.objects.get().note) == ("Too late.", "On the train.")


def test_many_rows_are_on_several_pages_and_saved_together(client, report, member, monkeypatch):
    monkeypatch.setattr(committee_views, "ROWS_OF_A_PAGE", 2)
    client.force_login(member)
    first, second = client.get(address(report)), client.get(f"{address(report)}?page=2")
    assert [[each.numbers for each in page.context["page"]] for page in (first, second)] == [["1a and 1b", "2"], ["10"]]
    assert f'href="?page=2#row-{row(report, "10").pk}"' in first.content.decode()
    client.post(address(report, "autosave"), answers(first, text_2="On the first."))
    client.post(address(report, "autosave"), answers(second, text_10="On the second."))
    client.post(address(report), answers(second, text_10="On the second.", rating_10="9"))
    assert [one.note for one in Indication.objects.all()] == ["On the first."]
    client.post(address(report), answers(second, text_10="On the second."))
    assert sorted(one.note for one in Indication.objects.all()) == ["On the first.", "On the second."]


def test_long_texts_are_folded_and_whole(client, report, member):
    sentence = "The council has written to every household of the district. "
    update = row(report)
    update.text = sentence * 20
    update.save()
    client.force_login(member)
    page = client.get(address(report)).content.decode()
    assert page.count(sentence.strip()) == 20
    assert "<summary>More of the update on 2</summary>" in page


def test_members_neither_assess_nor_confirm(client, report, member):
    client.force_login(member)
    for answer in (
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
    assert listed(page, "2").state == ("", "not yet")
    confirm_assessments(report, by=clerk, now=NOW)
    page = client.get(address(report)).content.decode()
    assert "A scandal." in page
    assert "data-autosave-url" not in page


def test_confirm_shows_all_and_what_is_left(client, report, begun, chair):
    client.force_login(chair)
    save(client, address(report), rating_1a="1", text_1a="Well done.")
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
    save(client, address(report), rating_1a="1", text_1a="")
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
        assert client.post(address(report)).status_code == 404
        assert client.get(address(report, "indicate")).status_code == 404
    client.force_login(clerk)
    assert "There is nothing to assess yet." in client.get(address(report)).content.decode()
    answer = client.post(address(report))
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
        assert client.post(address(report)).status_code == 403


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
    assert client.post(address(report)).status_code == 302
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
        assert page.count("Last time:") == 1
        assert "Too little." in page


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("who", "queries"), [("member", 9), ("chair", 9), ("clerk", 9)])
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
        assert len(client.get(there).context["listed"]) == rows


@pytest.mark.parametrize(("who", "right"), [("member", "indicate"), ("chair", "assess")])
def test_rows_saved_together_take_as_many_queries_as_one(client, request, report, who, right):
    client.force_login(request.getfixturevalue(who))
    counts = []
    for sent in ({"rating_2": "3"}, {"rating_1a": "1", "rating_2": "2", "text_10": "When?"}):
        page = client.get(address(report))
        with CaptureQueriesContext(connection) as asked:
            assert client.post(address(report), answers(page, **sent)).status_code == 302
        counts.append(len(asked))
    assert Entry.objects.filter(verb=right).count() == 4
    assert counts[0] <= counts[1] <= counts[0] + 2  # one more for rows that had an answer already
