"""Several recommendations of a report, ended at its meeting by a clerk on one page."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from inquiries.actions import assessments, endings, meetings, minutes
from inquiries.choices import Ending, ItemKind, Rating, Stage
from inquiries.documents.content import from_json
from inquiries.documents.progress_report import progress_report_content
from inquiries.documents.recorded_minutes import items_of, resolutions
from inquiries.models import Entry, Recommendation
from inquiries.permissions import Refused
from tests import factories
from tests.cast import NOW

pytestmark = pytest.mark.usefixtures("quick_files")


@pytest.fixture
def report(inquiry, clerk, committee):
    """For a meeting that has begun: concerns about 1a and 1b, 2 not delivered, 10 to be assessed."""
    report = factories.make_report(inquiry, clerk, at=Stage.PUBLISHED)
    comments = ((Rating.CONCERNS, ""), (Rating.NOT_DELIVERED, "No money was found."))
    for update, (rating, comment) in zip(report.updates.for_page(), comments, strict=False):
        assessments.assess(update, rating=rating, comment=comment, seen=None, by=clerk, now=NOW)
    report.meeting = factories.hold_meeting(committee)
    report.save()
    meetings.add_item(report.meeting, title="Warm homes", kind=ItemKind.REPORT, report=report, by=clerk, now=NOW)
    return report


@pytest.fixture
def confirmed(report, clerk):
    assessments.confirm_assessments(report, by=clerk, now=NOW)
    return report


def address(report):
    return reverse("clerk:end_recommendations", args=[report.inquiry.slug, report.months_on])


def keys(report):
    """The updates about 1a and 1b, 2, and 10, and the recommendations."""
    updates = [update.pk for update in report.updates.in_order()]
    return updates, {one.reference: one.pk for one in report.inquiry.recommendations.all()}


def two_ends(report, superseded, not_delivered):
    """What the form sends where 1b was superseded and 2 not delivered, for these reasons."""
    (joint, second, _), numbers = keys(report)
    return {
        f"end_{joint}": [numbers["1b"]],
        f"ending_{joint}": Ending.SUPERSEDED,
        f"reason_{joint}": superseded,
        f"end_{second}": [numbers["2"]],
        f"ending_{second}": Ending.NOT_DELIVERED,
        f"reason_{second}": not_delivered,
    }


def text_of(page):
    return page.content.decode()


def ended(report):
    found = report.inquiry.recommendations.in_order().exclude(ended_as="").exclude(reference="4")
    return {one.reference: (one.ended_as, one.ended_reason, one.ended_on, one.ended_meeting) for one in found}


def test_a_clerk_ends_several_at_the_meeting_with_one_save(client, confirmed, clerk, django_assert_max_num_queries):
    (_, _, tenth), _ = keys(confirmed)
    client.force_login(clerk)
    with django_assert_max_num_queries(12):
        page = text_of(client.get(address(confirmed)))
    assert "What ended at the meeting on 23 November 2026" in page
    # The committee's comment and its rating are proposed.
    assert page.count("No money was found.") == 1
    assert page.count('value="not_delivered" selected') == 1
    entered = two_ends(confirmed, "The bill is <i>paperless</i> now.", "No money was found.") | {f"reason_{tenth}": ""}
    page = client.post(address(confirmed), entered, follow=True)
    assert page.redirect_chain == [(reverse("clerk:manage", args=[confirmed.inquiry.slug, 6]), 302)]
    assert "It is recorded what ended at the meeting." in text_of(page)
    day, meeting = date(2026, 11, 23), confirmed.meeting
    assert ended(confirmed) == {
        "1b": ("superseded", "The bill is <i>paperless</i> now.", day, meeting),
        "2": ("not_delivered", "No money was found.", day, meeting),
    }
    written = Entry.objects.filter(verb="end_recommendation", at__gt=NOW)
    assert sorted((one.sentence, one.note) for one in written) == [
        ("ended recommendation 1b: superseded", "The bill is <i>paperless</i> now."),
        ("ended recommendation 2: closed as not delivered", "No money was found."),
    ]
    page = text_of(client.get(address(confirmed)))
    assert "2 has ended: Closed as not delivered, decided at the meeting on 23 November 2026." in page
    assert "Recommendation 1a ends" in page and "Recommendation 1b ends" not in page


def test_what_is_missing_is_said_beside_its_field_and_nothing_typed_is_lost(client, confirmed, clerk):
    (joint, second, tenth), numbers = keys(confirmed)
    client.force_login(clerk)
    page = text_of(client.post(address(confirmed), {}))
    assert "Tick what ends" in page
    entered = {
        f"end_{joint}": [numbers["1a"]],
        f"reason_{joint}": "It was done elsewhere.",
        f"end_{second}": [numbers["2"]],
        f"ending_{second}": Ending.TRANSFERRED,
        f"reason_{second}": " ",
        f"reason_{tenth}": "Nobody ticked this.",
    }
    page = text_of(client.post(address(confirmed), entered))
    for words, field in (
        ("1a and 1b: choose how it ends", f"#id_ending_{joint}"),
        ("2: say why it ends", f"#id_reason_{second}"),
        ("10: tick what ends, or clear the reason", f"#id_end_{tenth}_0"),
    ):
        assert f'<a href="{field}">{words}</a>' in page
    assert "It was done elsewhere." in page and "Nobody ticked this." in page
    assert ended(confirmed) == {}


def test_what_a_colleague_ended_meanwhile_is_said_and_kept(client, confirmed, clerk):
    (_, second, _), numbers = keys(confirmed)
    first = Recommendation.objects.get(pk=numbers["2"])
    endings.end_recommendations(confirmed, [(first, Ending.TRANSFERRED, "To the NHS.")], by=clerk, now=NOW)
    client.force_login(clerk)
    entered = {
        f"end_{second}": [numbers["2"]],
        f"ending_{second}": Ending.SUPERSEDED,
        f"reason_{second}": "By a new law.",
    }
    page = text_of(client.post(address(confirmed), entered))
    assert "Recommendation 2 has already ended: Transferred to another body, decided at the meeting on" in page
    assert "By a new law." in page
    assert ended(confirmed)["2"][:2] == ("transferred", "To the NHS.")


def test_they_end_all_or_none(confirmed, clerk):
    numbers = keys(confirmed)[1]
    of = {reference: Recommendation.objects.get(pk=pk) for reference, pk in numbers.items()}
    wanted = [(of["2"], Ending.SUPERSEDED, "A law."), (of["4"], Ending.SUPERSEDED, "A law.")]
    with pytest.raises(Refused, match="Recommendation 4 has already ended"):
        endings.end_recommendations(confirmed, wanted, by=clerk, now=NOW)
    assert ended(confirmed) == {}


def test_not_before_the_meeting_has_begun_nor_before_publication(client, report, inquiry, clerk, officer):
    ending = [(inquiry.recommendations.get(reference="2"), Ending.SUPERSEDED, "A law.")]
    with pytest.raises(Refused, match="Only a clerk"):
        endings.end_recommendations(report, ending, by=officer, now=NOW)
    with pytest.raises(Refused, match="at its meeting on 23 November 2026, which has not begun"):
        endings.end_recommendations(report, ending, by=clerk, now=NOW - timedelta(hours=1))
    other = factories.make_report(inquiry, clerk, months_on=12, meeting=None)
    with pytest.raises(Refused, match="the updates are still being collected"):
        endings.end_recommendations(other, ending, by=clerk, now=NOW)
    report.meeting.start = timezone.now() + timedelta(days=30)
    report.meeting.save()
    client.force_login(clerk)
    for name in ("public:report", "clerk:manage"):
        page = text_of(client.get(reverse(name, args=[inquiry.slug, 6])))
        assert address(report) not in page
    assert client.get(address(report)).status_code == 403


def test_it_can_be_done_before_the_ratings_are_confirmed(client, report, clerk):
    client.force_login(clerk)
    assert "The assessments are not confirmed yet." in text_of(client.get(address(report)))


def test_the_pages_of_the_report_and_the_meeting_lead_there(client, confirmed, clerk):
    client.force_login(clerk)
    pages = [reverse(name, args=[confirmed.inquiry.slug, 6]) for name in ("public:report", "clerk:manage")]
    pages += [reverse(f"clerk:{name}", args=[confirmed.meeting.pk]) for name in ("agenda", "minutes", "outcomes")]
    for page in pages:
        assert address(confirmed) in text_of(client.get(page)), page


def test_resolution_meeting_page_and_next_report_say_what_ended(client, confirmed, inquiry, clerk):
    of = {one.reference: one for one in inquiry.recommendations.all()}
    wanted = [(of["2"], Ending.NOT_DELIVERED, "No money was found."), (of["10"], Ending.TRANSFERRED, "To the NHS.")]
    endings.end_recommendations(confirmed, wanted, by=clerk, now=NOW)
    (resolution,) = resolutions(confirmed.meeting, items_of(confirmed.meeting)).values()
    assert resolution.splitlines()[1:] == [
        "1. that the report be noted;",
        "2. that the committee has concerns that recommendations 1a and 1b may not be fully delivered to its "
        "satisfaction;",
        "3. that recommendation 2 was considered not to have been delivered or implemented;",
        "4. that recommendation 2 was closed as not delivered: No money was found; and",
        "5. that recommendation 10 was closed as transferred to another body: To the NHS.",
    ]
    page = " ".join(text_of(client.get(confirmed.meeting.get_absolute_url())).split())
    assert "Recommendations closed at this meeting" in page
    assert "recommendation 10</a>, transferred to another body: To the NHS." in page
    following = factories.make_report(inquiry, clerk, months_on=12)
    account = {entry.recommendations[0].reference: entry for entry in progress_report_content(following).account}
    assert account["10"].outcome == "Transferred to another body, decided at the meeting on 23 November 2026"
    assert account["10"].reason == "To the NHS."


def test_an_outcome_recorded_before_something_ended_is_to_be_looked_at_again(client, confirmed, inquiry, clerk):
    meeting, said = confirmed.meeting, "ended at this meeting after the outcome was recorded"
    (item,) = items_of(meeting)
    address = reverse("clerk:minutes", args=[meeting.pk])
    client.force_login(clerk)

    def record(text, now):
        minutes.record_outcomes(meeting, first_number=1, **{f"outcome_{item.pk}": text}, by=clerk, now=now)

    record("RESOLVED: that the report be noted.", NOW)
    assert said not in text_of(client.get(address))
    transferred = [(inquiry.recommendations.get(reference="10"), Ending.TRANSFERRED, "To the NHS.")]
    endings.end_recommendations(confirmed, transferred, by=clerk, now=NOW + timedelta(minutes=1))
    assert f"Recommendation 10 {said}" in text_of(client.get(address))
    record("RESOLVED: that recommendation 10 was closed: To the NHS.", NOW + timedelta(minutes=2))
    assert said not in text_of(client.get(address))


def test_exempt_text_in_a_reason_is_refused_beside_it_and_nothing_is_lost(client, report, clerk):
    (joint, second, tenth), numbers = keys(report)
    report.updates.filter(pk=tenth).update(exempt_text="Quorvane Limited made the lowest offer.", exempt_paragraph=3)
    entered = two_ends(report, "The bill is paperless now.", "Since Quorvane Limited made the lowest offer.")
    client.force_login(clerk)
    page = client.post(address(report), entered)
    form = page.context["form"]
    assert list(form.errors) == [f"reason_{second}"]
    assert "“Quorvane Limited made the lowest offer” is exempt" in form.errors[f"reason_{second}"][0]
    assert {name: form[name].value() for name in entered} == entered | {
        f"end_{joint}": [str(numbers["1b"])],
        f"end_{second}": [str(numbers["2"])],
    }
    assert ended(report) == {}
    # Allowed at the meeting of the report, it is recorded.
    link = reverse("clerk:clear_words", args=[report.meeting.pk, 0])
    assert link in text_of(client.get(reverse("clerk:pack", args=[report.meeting.pk, 0])))
    allowed = {"text": "Quorvane Limited made the lowest offer", "reason": "It is in the newspaper."}
    done = client.post(link, allowed, follow=True)
    assert done.redirect_chain == [(reverse("clerk:pack", args=[report.meeting.pk, 0]), 302)]
    assert "What is published next will be searched again." in text_of(done)
    client.post(address(report), entered)
    assert ended(report).keys() == {"1b", "2"}


def closed(report):
    """What the last edition of the report says of the ends."""
    content = from_json(report.editions.order_by("number").last().content)
    return [(entry.line, entry.reason) for entry in content.closed]


def end(report, reference, meeting, clerk, reason="The law has changed."):
    recommendation = report.inquiry.recommendations.get(reference=reference)
    about = {"ending": Ending.SUPERSEDED, "reason": reason, "on": date(2026, 11, 23), "meeting": meeting}
    endings.end_recommendation(recommendation, **about, by=clerk, now=NOW)


SUPERSEDED = "Superseded, decided at the meeting on 23 November 2026"


def test_report_names_what_ended_before_its_ratings_were_confirmed(client, report, clerk):
    end(report, "1b", report.meeting, clerk)
    assert (report.editions.count(), closed(report)) == (1, [])
    assessments.confirm_assessments(report, by=clerk, now=NOW)
    assert closed(report) == [(f"1b: {SUPERSEDED}", "The law has changed.")]
    page = text_of(client.get(report.get_absolute_url()))
    assert "Recommendations closed at this meeting" in page
    assert f"<strong>1b: {SUPERSEDED}</strong>" in page
    assert "The law has changed." in page


def test_report_is_published_anew_when_something_ends_after_that(confirmed, clerk, committee):
    of = {one.reference: one for one in confirmed.inquiry.recommendations.all()}
    assert (confirmed.editions.count(), closed(confirmed)) == (2, [])
    endings.end_recommendations(
        confirmed,
        [(of[name], Ending.SUPERSEDED, "The law has changed.") for name in ("1a", "1b", "10")],
        by=clerk,
        now=NOW,
    )
    both, tenth = (f"1a and 1b: {SUPERSEDED}", "The law has changed."), (f"10: {SUPERSEDED}", "The law has changed.")
    assert (confirmed.editions.count(), closed(confirmed)) == (3, [both, tenth])
    end(confirmed, "2", confirmed.meeting, clerk, reason="No money.")
    assert closed(confirmed) == [both, (f"2: {SUPERSEDED}", "No money."), tenth]
    endings.resume_recommendation(
        confirmed.inquiry.recommendations.get(reference="2"), reason="A slip.", by=clerk, now=NOW
    )
    assert (confirmed.editions.count(), closed(confirmed)) == (5, [both, tenth])


def test_report_says_nothing_of_other_ends(confirmed, clerk, committee):
    """Not at its meeting, or not in its table."""
    end(confirmed, "1b", None, clerk)
    end(confirmed, "3b", confirmed.meeting, clerk)
    assert (confirmed.editions.count(), closed(confirmed)) == (2, [])


def test_report_shows_by_its_rating_what_was_implemented(report, clerk):
    update = report.updates.for_page().last()
    assessments.assess(update, rating=Rating.IMPLEMENTED, comment="", seen=None, by=clerk, now=NOW)
    assessments.confirm_assessments(report, by=clerk, now=NOW)
    assert report.inquiry.recommendations.get(reference="10").ended_as == Ending.IMPLEMENTED
    end(report, "1b", report.meeting, clerk)
    assert closed(report) == [(f"1b: {SUPERSEDED}", "The law has changed.")]
