"""The life of a progress report, deed by deed: it works, it is refused with a reason, nothing is half written."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from inquiries.actions import history, progress, responses
from inquiries.actions.inquiries import add_recommendation
from inquiries.actions.progress import EditClash
from inquiries.choices import Stage
from inquiries.models import Entry, Notification, ProgressReport, ProgressUpdate, Response
from inquiries.permissions import Refused
from tests import factories
from tests.cast import NOW

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def report(inquiry, clerk, committee):
    return factories.make_report(inquiry, clerk, meeting=factories.make_meeting(committee))


@pytest.fixture
def update(report):
    return report.updates.for_page().first()


def told(occasion):
    return sorted(Notification.objects.filter(occasion=occasion).values_list("recipient__name", flat=True))


def verbs():
    return list(Entry.objects.order_by("pk").values_list("verb", flat=True))


# commission


def test_commission_asks_for_every_open_promise_and_tells_who_leads(report):
    assert [u.reference for u in report.updates.for_page()] == ["1a", "2", "10"]
    assert (report.updates_due_on, report.sign_off_due_on) == (date(2026, 11, 16), date(2026, 11, 30))
    assert report.update_date == date(2026, 12, 15)
    assert [str(s.person) for s in report.sign_offs.all()] == ["Councillor Ruth Adeyemi"]
    assert told("update_wanted") == ["Siân Llŷr-Ôwain", "Tom Okafor"]
    mail = Notification.objects.get(recipient__name="Siân Llŷr-Ôwain")
    assert mail.subject == "Progress update needed on recommendations 1a and 1b: Warm Homes Inquiry"
    assert "by Monday 16 November 2026" in mail.body
    assert "/inquiries/warm-homes-inquiry/progress/6/updates/" in mail.body


def test_commission_is_refused_to_all_but_clerks(inquiry, officer):
    with pytest.raises(Refused, match="Only a clerk"):
        progress.commission(inquiry, months_on=6, by=officer, now=NOW)
    assert not ProgressReport.objects.exists()


def test_commission_twice_for_the_same_months_is_refused(report, inquiry, clerk):
    with pytest.raises(ValidationError, match="already has a progress report"):
        progress.commission(inquiry, months_on=6, **factories.DATES, by=clerk, now=NOW)


def test_commission_needs_somebody_who_signs(committee, clerk, officer):
    inquiry = factories.make_inquiry(committee, clerk, officer=officer)
    with pytest.raises(Refused, match="Name the Cabinet Member"):
        progress.commission(inquiry, months_on=6, **factories.DATES, by=clerk, now=NOW)


def test_commission_without_open_responses_is_refused(inquiry, clerk):
    inquiry.recommendations.update(response=None)
    with pytest.raises(Refused, match="nothing to report on"):
        progress.commission(inquiry, months_on=6, **factories.DATES, by=clerk, now=NOW)


def test_commission_carries_contributors_over_and_leaves_closed_rows_out(inquiry, clerk, contributor):
    first = factories.make_report(inquiry, clerk)
    one = first.updates.for_page().first()
    progress.save_update(one, version=0, text="", contributors=[contributor], by=clerk, now=NOW)
    one = first.updates.for_page().get(pk=one.pk)
    factories.walk(first, to=Stage.ASSESSED, by=clerk)
    second = progress.commission(inquiry, months_on=12, **factories.DATES, by=clerk, now=LATER)
    # 1a and 1b were judged implemented at six months.
    assert [u.reference for u in second.updates.for_page()] == ["2", "10"]
    assert contributor in one.contributor_names


@pytest.mark.parametrize("references", [["2"], ["2", "10"]])
def test_commission_names_whom_the_last_report_named_in_as_many_queries_whatever_the_rows(
    inquiry, clerk, contributor, references, django_assert_num_queries
):
    first = factories.make_report(inquiry, clerk)
    for update in first.updates.for_page():
        if update.reference in references:
            progress.save_update(update, version=0, text="", contributors=[contributor], by=clerk, now=NOW)
    with django_assert_num_queries(32):
        second = progress.commission(inquiry, months_on=12, **factories.DATES, by=clerk, now=LATER)
    named = {update.reference: update.contributor_names for update in second.updates.for_page()}
    assert named == {"1a": [], "2": [], "10": []} | {reference: [contributor] for reference in references}
    entries = Entry.objects.filter(verb="carry_over_contributors").order_by("pk")
    assert [(entry.subject_label, entry.changes) for entry in entries] == [
        (f"Progress update on {reference}", {"contributors": [[], [str(contributor)]]}) for reference in references
    ]
    assert entries[0].states[f"progressupdate/{entries[0].subject_id}"]["named_rows"] is not None


def test_commission_for_a_meeting_of_another_committee_is_refused(inquiry, clerk, other_member):
    meeting = factories.make_meeting(other_member.memberships.get().committee)
    with pytest.raises(ValidationError, match="another committee"):
        progress.commission(inquiry, months_on=6, meeting=meeting, by=clerk, now=NOW)


def test_commission_with_a_deadline_that_has_passed_says_which_dates_would_work(inquiry, committee, clerk):
    meeting = factories.make_meeting(committee)
    with pytest.raises(ValidationError) as refused:
        progress.commission(inquiry, months_on=6, meeting=meeting, by=clerk, now=NOW)
    assert refused.value.message_dict == {
        "updates_due_on": ["16 November 2026 has passed. Enter 23 November 2026 or a later date."],
        "meeting": [
            "Not enough time is left before the meeting on 15 December 2026: enter dates from 23 November 2026 to "
            "7 December 2026, the last day to publish, or choose a meeting from 22 December 2026 on."
        ],
    }
    assert not ProgressReport.objects.exists()
    dates = {"updates_due_on": date(2026, 11, 23), "sign_off_due_on": date(2026, 12, 7)}
    report = progress.commission(inquiry, months_on=6, meeting=meeting, **dates, by=clerk, now=NOW)
    assert (report.updates_due_on, report.sign_off_due_on) == (date(2026, 11, 23), date(2026, 12, 7))


def test_commission_for_a_meeting_whose_agenda_is_overdue_names_the_first_meeting_that_works(inquiry, committee, clerk):
    meeting = factories.make_meeting(committee, date(2026, 11, 26))
    with pytest.raises(ValidationError, match="26 November 2026: choose a meeting from 22 December 2026 on"):
        progress.commission(inquiry, months_on=6, meeting=meeting, by=clerk, now=NOW)


def test_commission_without_a_meeting_asks_for_dates(inquiry, clerk):
    with pytest.raises(ValidationError) as refused:
        progress.commission(inquiry, months_on=6, updates_due_on=date(2026, 11, 22), by=clerk, now=NOW)
    assert refused.value.message_dict == {
        "updates_due_on": ["22 November 2026 has passed. Enter 23 November 2026 or a later date."],
        "sign_off_due_on": ["Enter a date, or choose a meeting: without a date nobody is reminded."],
    }


# Whoever sits on the committee takes no part in what it judges


def test_a_member_of_the_committee_does_not_sign_lead_or_write(inquiry, clerk, officer, member, other_member):
    report = factories.make_report(inquiry, clerk)
    response = inquiry.responses.get(recommendations__reference="2")
    update = report.updates.for_page().get(response=response)
    by = {"by": clerk, "now": LATER}
    fresh = add_recommendation(inquiry, reference="11", text="That it is done.", **by)
    for action in (
        lambda who: progress.commission(inquiry, months_on=12, cabinet_members=[who], **factories.DATES, **by),
        lambda who: progress.name_cabinet_members(report, people=[who], **by),
        lambda who: progress.save_update(update, version=0, contributors=[who], **by),
        lambda who: responses.correct_response(response, lead_officer=who, **by),
        lambda who: responses.correct_response(response, cabinet_member=who, **by),
        lambda who: responses.record_response(
            inquiry, recommendations=[fresh], decision="accepted", text="Yes.", lead_officer=who, **by
        ),
    ):
        with pytest.raises(Refused, match="Pritchard sits on the Communities Select Committee, which judges this work"):
            action(member)
        action(other_member)


def test_a_member_whose_seat_has_ended_may_write_again(inquiry, clerk, member):
    report = factories.make_report(inquiry, clerk)
    update = report.updates.for_page().first()
    member.memberships.update(until_date=date(2026, 11, 22))
    saved = progress.save_update(update, version=0, contributors=[member], by=clerk, now=NOW)
    assert saved.contributor_names == [member]


# save_update


def test_save_update_keeps_words_version_and_history(update, officer):
    saved = progress.save_update(
        update,
        version=0,
        text="  One number since May.\r\n\r\n- leaflet\r\n",
        officer_view="on_track",
        evidence=[("The page", "https://www.wealdshire.example/help")],
        by=officer,
        now=NOW,
    )
    assert saved.text == "One number since May.\n\n- leaflet"
    assert (saved.version, saved.saved_by, saved.is_open) == (1, officer, True)
    entry = Entry.objects.get(verb="save_update")
    assert entry.changes["text"] == ["", "One number since May.\n\n- leaflet"]
    assert entry.changes["evidence"] == [[], [["The page", "https://www.wealdshire.example/help"]]]
    assert (entry.by_name, entry.on_behalf_of) == ("Siân Llŷr-Ôwain", "")


def test_save_update_on_behalf_is_recorded_as_such(update, clerk):
    progress.save_update(update, version=0, text="By telephone.", by=clerk, now=NOW)
    assert Entry.objects.get(verb="save_update").on_behalf_of == "Siân Llŷr-Ôwain"


def test_save_update_without_a_change_writes_nothing(update, officer):
    saved = progress.save_update(update, version=0, text="Same.", by=officer, now=NOW)
    again = progress.save_update(saved, version=1, text="Same.", by=officer, now=LATER)
    assert (again.version, again.saved_at) == (1, NOW)
    assert verbs().count("save_update") == 1


def test_save_update_leaves_what_it_is_not_given(update, officer, contributor):
    fields = {
        "text": "One number.",
        "officer_view": "on_track",
        "exempt_text": "The price.",
        "exempt_paragraph": 3,
        "contributors": [contributor],
        "evidence": [("Page", "https://a.example/")],
    }
    progress.save_update(update, version=0, by=officer, now=NOW, **fields)
    saved = progress.save_update(update, version=1, text="Another number.", by=officer, now=LATER)
    for found in (saved, ProgressUpdate.objects.get(pk=update.pk)):
        assert (found.text, found.officer_view, found.version) == ("Another number.", "on_track", 2)
        assert (found.exempt_text, found.exempt_paragraph) == ("The price.", 3)
        assert found.contributor_names == [contributor]
        assert [(link.title, link.url) for link in found.evidence.all()] == fields["evidence"]
    assert Entry.objects.filter(verb="save_update").latest("pk").changes == {"text": ["One number.", "Another number."]}
    assert progress.save_update(update, version=2, officer_view="", by=officer, now=LATER).text == "Another number."


def test_save_update_takes_no_other_field(update, officer):
    with pytest.raises(TypeError, match="An update has no submitted_at"):
        progress.save_update(update, version=0, submitted_at=NOW, by=officer, now=NOW)


def test_save_update_returns_new_contributors_and_evidence(update, officer, contributor):
    links = [("Page", "https://a.example/")]
    saved = progress.save_update(update, version=0, contributors=[contributor], evidence=links, by=officer, now=NOW)
    assert saved.contributor_names == [contributor]
    assert [(link.title, link.url) for link in saved.evidence.all()] == links


@pytest.mark.parametrize(
    ("pair", "problem"),
    [
        (("", "https://a.example/"), "cannot be blank"),
        (("Page", "javascript:alert(1)"), "valid URL"),
        (("Page", "ftp://a.example/"), "begins with https://"),
    ],
)
def test_save_update_rejects_faulty_evidence(update, officer, pair, problem):
    with pytest.raises(ValidationError, match=problem):
        progress.save_update(update, version=0, evidence=[pair], by=officer, now=NOW)
    assert ProgressUpdate.objects.get(pk=update.pk).version == 0


def test_save_update_query_count(update, officer, django_assert_num_queries):
    with django_assert_num_queries(7):
        progress.save_update(update, version=0, text="One number.", by=officer, now=NOW)


def test_submit_update_query_count(update, officer, django_assert_num_queries):
    with django_assert_num_queries(7):
        progress.submit_update(update, version=0, text="One number.", by=officer, now=NOW)


def test_save_update_based_on_an_old_version_clashes_and_changes_nothing(update, officer, clerk):
    progress.save_update(update, version=0, text="The officer's words.", by=officer, now=NOW)
    with pytest.raises(EditClash) as clash:
        progress.save_update(update, version=0, text="The clerk's words.", by=clerk, now=LATER)
    assert clash.value.current.text == "The officer's words."
    assert ProgressUpdate.objects.get(pk=update.pk).text == "The officer's words."


def test_save_update_of_somebody_else_is_refused(update, other_officer, stranger, cabinet_member):
    for person in (other_officer, stranger, cabinet_member):
        with pytest.raises(Refused, match="Only the lead officer"):
            progress.save_update(update, version=0, text="Mine now.", by=person, now=NOW)


def test_contributor_writes_but_names_nobody(update, officer, contributor, other_officer):
    progress.save_update(update, version=0, text="", contributors=[contributor], by=officer, now=NOW)
    saved = progress.save_update(update, version=1, text="Written.", by=contributor, now=LATER)
    assert saved.text == "Written."
    with pytest.raises(Refused, match="name contributors"):
        progress.save_update(saved, version=2, text="Written.", contributors=[other_officer], by=contributor, now=LATER)


def test_exempt_part_without_its_paragraph_is_invalid(update, officer):
    with pytest.raises(ValidationError, match="Schedule 12A"):
        progress.save_update(update, version=0, text="Open.", exempt_text="A name.", by=officer, now=NOW)
    assert ProgressUpdate.objects.get(pk=update.pk).version == 0


def test_nothing_is_written_when_history_cannot_be(update, officer, monkeypatch):
    def fails(*args, **kwargs):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(history, "write", fails)
    with pytest.raises(RuntimeError):
        progress.save_update(update, version=0, text="Lost?", by=officer, now=NOW)
    assert ProgressUpdate.objects.get(pk=update.pk).text == ""


# submit_update, close_updates


def test_submit_update_saves_the_given_fields(update, officer):
    progress.submit_update(update, version=0, text="One number.", by=officer, now=NOW)
    submitted = ProgressUpdate.objects.get(pk=update.pk)
    assert (submitted.text, submitted.version, submitted.saved_by, submitted.submitted_by) == (
        "One number.",
        1,
        officer,
        officer,
    )
    assert Entry.objects.get(verb="submit_update").changes == {"text": ["", "One number."]}


def test_submit_update_records_the_text_although_it_is_as_saved(update, officer):
    saved = progress.save_update(update, version=0, text="One number.", by=officer, now=NOW)
    progress.submit_update(saved, version=1, by=officer, now=LATER)
    assert Entry.objects.get(verb="submit_update").changes == {"text": ["One number.", "One number."]}


def test_submit_update_of_what_was_read_before_another_officer_led(update, officer, other_officer):
    """The version is the same, the person who may write is not."""
    Response.objects.filter(pk=update.response_id).update(lead_officer=other_officer)
    with pytest.raises(Refused, match="Only the lead officer"):
        progress.submit_update(update, version=0, text="Mine now.", by=officer, now=NOW)


def test_submit_update_without_text_saves_nothing(update, officer):
    with pytest.raises(Refused, match="Write what has been done"):
        progress.submit_update(update, version=0, officer_view="on_track", by=officer, now=NOW)
    assert ProgressUpdate.objects.get(pk=update.pk).version == 0


def test_submit_update_expected_on_a_day_that_has_passed_saves_nothing(update, officer):
    today = NOW.date()
    day = today - timedelta(days=1)
    with pytest.raises(Refused, match="This day has passed"):
        progress.submit_update(update, version=0, text="Ten homes.", forecast_date=day, by=officer, now=NOW)
    assert ProgressUpdate.objects.get(pk=update.pk).text == ""
    progress.submit_update(update, version=0, text="Ten homes.", forecast_date=today, by=officer, now=NOW)


def test_submit_update_closes_it_and_the_last_one_asks_for_sign_off(report, officer, clerk):
    for number, update in enumerate(report.updates.for_page(), start=1):
        by = officer if update.reference == "1a" else clerk
        saved = progress.save_update(update, version=0, text=f"Words {number}.", by=by, now=NOW)
        progress.submit_update(saved, version=1, by=by, now=NOW)
        report.refresh_from_db()
        assert report.stage == (Stage.AWAITING_SIGN_OFF if number == 3 else Stage.COMMISSIONED)
    assert told("sign_off_wanted") == ["Councillor Ruth Adeyemi"]
    with pytest.raises(Refused, match="waiting for sign-off"):
        progress.save_update(saved, version=1, text="Too late.", by=clerk, now=LATER)


def test_submit_update_without_words_is_refused(update, officer):
    with pytest.raises(Refused, match="Write what has been done"):
        progress.submit_update(update, version=0, by=officer, now=NOW)


def test_submit_update_of_a_text_not_seen_clashes(update, officer, clerk):
    progress.save_update(update, version=0, text="Words.", by=clerk, now=NOW)
    with pytest.raises(EditClash):
        progress.submit_update(update, version=0, by=officer, now=LATER)


def test_submit_update_twice_is_refused(update, officer):
    saved = progress.save_update(update, version=0, text="Words.", by=officer, now=NOW)
    progress.submit_update(saved, version=1, by=officer, now=NOW)
    with pytest.raises(Refused, match="has been submitted"):
        progress.submit_update(saved, version=1, by=officer, now=LATER)


def test_close_updates_goes_on_without_what_has_not_come(report, clerk):
    first = report.updates.for_page().first()
    saved = progress.save_update(first, version=0, text="Words.", by=clerk, now=NOW)
    progress.submit_update(saved, version=1, by=clerk, now=NOW)
    progress.close_updates(report, by=clerk, now=LATER)
    report.refresh_from_db()
    assert report.stage == Stage.AWAITING_SIGN_OFF
    assert [bool(u.closed_at) for u in report.updates.for_page()] == [False, True, True]
    assert Entry.objects.get(verb="close_updates").note == "Not received: 2, 10"


# return_update, sign_off


@pytest.fixture
def awaiting(report, clerk):
    return factories.walk(report, to=Stage.AWAITING_SIGN_OFF, by=clerk)


def test_return_update_opens_that_update_only(awaiting, cabinet_member):
    update = awaiting.updates.for_page().first()
    progress.return_update(update, note="Give the figure.", by=cabinet_member, now=LATER)
    awaiting.refresh_from_db()
    assert awaiting.stage == Stage.COMMISSIONED
    assert [u.is_open for u in awaiting.updates.for_page()] == [True, False, False]
    assert told("update_returned") == ["Siân Llŷr-Ôwain"]
    assert "Give the figure." in Notification.objects.get(occasion="update_returned").body


@pytest.mark.parametrize(
    ("updates_due", "sign_off_due", "given"),
    [
        # LATER is Wednesday, 25 November 2026: five working days on, but for what is due later or sign-off.
        (date(2026, 11, 20), date(2026, 12, 4), date(2026, 12, 2)),
        (date(2026, 12, 3), date(2026, 12, 4), date(2026, 12, 3)),
        (date(2026, 11, 20), date(2026, 11, 30), date(2026, 11, 30)),
        (date(2026, 11, 10), date(2026, 11, 17), date(2026, 11, 26)),
        (None, None, None),
    ],
)
def test_a_returned_update_has_a_date_of_its_own(awaiting, cabinet_member, updates_due, sign_off_due, given):
    awaiting.updates_due_on, awaiting.sign_off_due_on = updates_due, sign_off_due
    awaiting.save()
    later = NOW.replace(day=25)
    progress.return_update(awaiting.updates.for_page().first(), note="Give the figure.", by=cabinet_member, now=later)
    update = awaiting.updates.for_page().first()
    assert update.due_on == given
    body = Notification.objects.get(occasion="update_returned").body
    assert (f"by {given:%A} {given.day} {given:%B %Y}:" if given else "submit it again:") in body


def test_return_update_of_several_one_after_the_other(awaiting, cabinet_member):
    first, second, _ = awaiting.updates.for_page()
    progress.return_update(first, note="Give the figure.", by=cabinet_member, now=LATER)
    progress.return_update(second, note="Which agencies?", by=cabinet_member, now=LATER)
    assert [u.is_open for u in awaiting.updates.for_page()] == [True, True, False]
    with pytest.raises(Refused, match="still being written"):
        progress.return_update(first, note="Again.", by=cabinet_member, now=LATER)


def test_return_update_needs_a_note(awaiting, cabinet_member):
    with pytest.raises(Refused, match="Say what you would like changed"):
        progress.return_update(awaiting.updates.first(), note=" ", by=cabinet_member, now=LATER)


def test_sign_off_by_the_only_cabinet_member_signs_the_report_off(awaiting, cabinet_member):
    progress.sign_off(awaiting.sign_offs.get(), by=cabinet_member, now=LATER)
    awaiting.refresh_from_db()
    assert awaiting.stage == Stage.SIGNED_OFF
    assert told("report_signed_off") == ["Carys Whitlock"]


def test_sign_off_waits_for_every_cabinet_member(inquiry, clerk, cabinet_member, stranger):
    report = factories.make_report(inquiry, clerk, at=Stage.AWAITING_SIGN_OFF, cabinet_members=[stranger])
    progress.sign_off(report.sign_offs.get(person=cabinet_member), by=cabinet_member, now=LATER)
    report.refresh_from_db()
    assert report.stage == Stage.AWAITING_SIGN_OFF
    progress.sign_off(report.sign_offs.get(person=stranger), by=stranger, now=LATER)
    report.refresh_from_db()
    assert report.stage == Stage.SIGNED_OFF


def test_sign_off_for_somebody_else_needs_a_clerk_and_evidence(awaiting, clerk, cabinet_member, officer):
    sign_off = awaiting.sign_offs.get()
    with pytest.raises(Refused, match="Only the Cabinet Member named"):
        progress.sign_off(sign_off, by=clerk, now=LATER)
    with pytest.raises(Refused, match="Only a clerk"):
        progress.record_sign_off(sign_off, evidence_note="He said so.", by=officer, now=LATER)
    with pytest.raises(Refused, match="agreement is known"):
        progress.record_sign_off(sign_off, evidence_note=" ", by=clerk, now=LATER)
    progress.record_sign_off(sign_off, evidence_note="E-mail of 3 November.", by=clerk, now=LATER)
    entry = Entry.objects.get(verb="sign_off")
    assert (entry.by_name, entry.on_behalf_of) == ("Carys Whitlock", "Councillor Ruth Adeyemi")


def test_a_changed_text_withdraws_the_sign_offs_already_given(inquiry, clerk, cabinet_member, stranger, officer):
    report = factories.make_report(inquiry, clerk, at=Stage.AWAITING_SIGN_OFF, cabinet_members=[stranger])
    progress.sign_off(report.sign_offs.get(person=cabinet_member), by=cabinet_member, now=LATER)
    update = report.updates.for_page().first()
    progress.return_update(update, note="Give the figure.", by=stranger, now=LATER)
    assert report.sign_offs.get(person=cabinet_member).signed_at == LATER
    progress.save_update(update, version=1, text="It was 4,200 calls.", by=officer, now=LATER)
    assert report.sign_offs.get(person=cabinet_member).signed_at is None
    assert told("sign_off_withdrawn") == ["Councillor Ruth Adeyemi"]


# reopen


def test_reopen_opens_the_chosen_updates_and_withdraws_sign_offs(report, clerk):
    factories.walk(report, to=Stage.SIGNED_OFF, by=clerk)
    chosen = report.updates.for_page().first()
    progress.reopen(report, to=Stage.COMMISSIONED, reason="A wrong figure.", updates=[chosen], by=clerk, now=LATER)
    report.refresh_from_db()
    assert report.stage == Stage.COMMISSIONED
    assert [u.is_open for u in report.updates.for_page()] == [True, False, False]
    assert report.sign_offs.get().signed_at is None
    assert Entry.objects.get(verb="reopen").note == "A wrong figure."
    assert told("update_reopened") == ["Siân Llŷr-Ôwain"]


def test_reopen_after_confirmation_undoes_the_ends_it_brought(report, clerk):
    factories.walk(report, to=Stage.ASSESSED, by=clerk)
    assert report.inquiry.recommendations.get(reference="1a").ended_as == "implemented"
    progress.reopen(report, to=Stage.PUBLISHED, reason="The minutes say otherwise.", by=clerk, now=LATER)
    report.refresh_from_db()
    assert report.stage == Stage.PUBLISHED
    assert report.inquiry.recommendations.get(reference="1a").ended_as == ""
    # What had ended before stays ended.
    assert report.inquiry.recommendations.get(reference="4").ended_as == "withdrawn"


def test_words_written_again_are_judged_again(report, clerk, member):
    factories.walk(report, to=Stage.ASSESSED, by=clerk)
    first, second, _ = report.updates.for_page()
    assert (first.assessment.rating, second.assessment.rating) == (1, 2)
    progress.reopen(report, to=Stage.COMMISSIONED, reason="A wrong figure.", updates=[second], by=clerk, now=LATER)
    progress.save_update(second, version=second.version, text="It was 4,200 calls.", by=clerk, now=LATER)
    rated = {u.reference: getattr(u, "assessment", None) for u in report.updates.for_page()}
    assert rated["1a"].rating == 1
    assert rated["2"] is None
    assert Entry.objects.get(verb="take_out_judgement").changes == {"rating": [2, None]}


def test_reopen_needs_a_reason_and_an_update(report, clerk):
    factories.walk(report, to=Stage.SIGNED_OFF, by=clerk)
    with pytest.raises(Refused, match="Say why"):
        progress.reopen(report, to=Stage.AWAITING_SIGN_OFF, reason="", by=clerk, now=LATER)
    with pytest.raises(Refused, match="at least one update"):
        progress.reopen(report, to=Stage.COMMISSIONED, reason="A wrong figure.", by=clerk, now=LATER)
    with pytest.raises(Refused, match="earlier stage"):
        progress.reopen(report, to=Stage.PUBLISHED, reason="A wrong figure.", by=clerk, now=LATER)


# dates and names


def test_reschedule_until_publication(report, clerk):
    progress.reschedule(
        report,
        meeting=None,
        update_date=None,
        updates_due_on=date(2026, 12, 1),
        sign_off_due_on=date(2026, 12, 3),
        by=clerk,
        now=LATER,
    )
    report.refresh_from_db()
    assert report.updates_due_on == date(2026, 12, 1)
    with pytest.raises(ValidationError, match="before the updates are"):
        progress.reschedule(
            report,
            meeting=None,
            update_date=None,
            updates_due_on=date(2026, 12, 5),
            sign_off_due_on=date(2026, 12, 3),
            by=clerk,
            now=LATER,
        )


def test_who_has_signed_stays_named(inquiry, clerk, cabinet_member, stranger, officer):
    report = factories.make_report(inquiry, clerk, at=Stage.AWAITING_SIGN_OFF, cabinet_members=[stranger])
    progress.sign_off(report.sign_offs.get(person=cabinet_member), by=cabinet_member, now=LATER)
    with pytest.raises(Refused, match="has already signed"):
        progress.name_cabinet_members(report, people=[officer], by=clerk, now=LATER)
    progress.name_cabinet_members(report, people=[cabinet_member, officer], by=clerk, now=LATER)
    assert [s.person for s in report.sign_offs.order_by("pk")] == [cabinet_member, officer]
    assert "Siân Llŷr-Ôwain" in told("sign_off_wanted")


def test_who_has_left_is_not_named_to_sign(inquiry, clerk, cabinet_member, stranger):
    cabinet_member.is_active = False
    cabinet_member.save()
    with pytest.raises(Refused, match="Name the Cabinet Member who is to sign this report off"):
        progress.commission(inquiry, months_on=6, **factories.DATES, by=clerk, now=NOW)
    report = progress.commission(inquiry, months_on=6, cabinet_members=[stranger], **factories.DATES, by=clerk, now=NOW)
    assert [sign_off.person for sign_off in report.sign_offs.all()] == [stranger]
    with pytest.raises(Refused, match="Councillor Ruth Adeyemi has left and cannot sign"):
        progress.name_cabinet_members(report, people=[stranger, cabinet_member], by=clerk, now=NOW)
