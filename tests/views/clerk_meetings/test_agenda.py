"""What the page of an agenda shows."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from inquiries.actions import meetings
from inquiries.choices import ItemKind, Stage
from inquiries.models import AgendaDocument, AgendaPack, PackPlan
from inquiries.views.clerk_meetings import size_of
from tests.cast import NOW
from tests.factories import make_meeting, make_received, make_report
from tests.views.clerk_meetings.asking import LATER, at, pack_of, words


def test_agenda_of_a_new_meeting(clerks, meeting):
    page = words(clerks.get(at("agenda", meeting)))
    assert "15 December 2026 at 14:00" in page and "Mezzanine Room 2" in page
    assert "Nothing is on the agenda yet." in page
    assert "Due 7 December 2026, in 14 days" in page
    assert "overdue" not in page
    assert "Not built" in page and at("pack", meeting, 0) in page
    assert reverse("public:meeting", args=[meeting.pk]) in page


def test_agenda_shows_items_and_what_they_carry(clerks, clerk, meeting, inquiry, item):
    report = make_report(inquiry, clerk, at=Stage.SIGNED_OFF, meeting=meeting)
    meetings.add_item(
        meeting, title="Warm homes", subtitle="Six months on", kind="report", report=report, by=clerk, now=NOW
    )
    meetings.add_item(meeting, title="Roads", kind="papers", to_follow=True, by=clerk, now=NOW)
    meetings.add_item(meeting, title="Late business", kind="papers", supplement=1, by=clerk, now=NOW)
    add = {"by": clerk, "now": NOW}
    meetings.add_paper(item, make_received(3), title="Figures", **add)
    wide = replace(make_received(1, tagged=False), cleaned=("A script was taken out.",))
    wide = replace(wide, pages=(replace(wide.pages[0], width=1191.0, height=842.0),))
    meetings.add_paper(item, wide, title="Contract", exempt_paragraph=3, **add)
    page = words(clerks.get(at("agenda", meeting)))
    assert "Figures</a> (3 pages, A4)" in page
    assert "Contract</a> (1 page, A3 landscape)" in page
    assert "Exempt: paragraph 3" in page and "Not tagged for screen readers" in page
    assert "<li>A script was taken out.</li>" in page
    assert "Six months on" in page and "Signed off" in page
    assert page.count("Papers to follow") == 1 and page.count("No paper yet") == 1
    assert page.count("Supplement 1") == 2
    assert "is set down for" not in page
    assert "added the paper “Contract” of item 1" in page


def test_agenda_says_what_is_late_and_when_the_rest_was_done(clerks, clerk, meeting, inquiry):
    report = make_report(inquiry, clerk, at=Stage.SIGNED_OFF, meeting=meeting)
    report.updates_due_on, report.sign_off_due_on = date(2026, 11, 20), date(2026, 12, 1)
    report.save()
    meeting.start = datetime(2026, 11, 26, 14, tzinfo=UTC)
    meeting.save()
    lines = clerks.get(at("agenda", meeting)).context["timeline"]
    assert [(line.label, line.day, bool(line.done_at)) for line in lines] == [
        ("Last day to publish the agenda", date(2026, 11, 18), False),
        ("Updates are due: Warm Homes Inquiry, 6 months on", date(2026, 11, 20), True),
        ("Sign-off is due: Warm Homes Inquiry, 6 months on", date(2026, 12, 1), True),
        ("Meeting", date(2026, 11, 26), False),
    ]
    page = words(clerks.get(at("agenda", meeting)))
    assert "5 days overdue</strong>, was due 18 November 2026" in page
    assert "20 November 2026; done on 23 November 2026" in page
    pack_of(meeting, clerk)
    page = words(clerks.get(at("agenda", meeting)))
    assert "overdue" not in page and "18 November 2026; done on 23 November 2026" in page


def test_agenda_names_reports_that_are_set_down_and_missing(clerks, clerk, meeting, inquiry, put):
    report = make_report(inquiry, clerk, meeting=meeting)
    page = words(clerks.get(at("agenda", meeting)))
    where = f"{at('add_item', meeting)}?report={report.pk}"
    assert "is set down for this meeting and not on its agenda" in page and where in page
    form = clerks.get(where).context["form"]
    assert (form["title"].value(), form["kind"].value()) == ("Warm Homes Inquiry", "report")
    item = put("Warm homes", kind="report", report=report)
    assert "not on its agenda" not in words(clerks.get(at("agenda", meeting)))
    report.meeting = make_meeting(meeting.committee, date(2027, 2, 2))
    report.save()
    page = words(clerks.get(at("agenda", meeting)))
    assert "This report is set down for another meeting, on 2 February 2027." in page
    meetings.remove_item(item, by=clerk, now=NOW)
    assert "is set down for" not in words(clerks.get(at("agenda", meeting)))


@pytest.mark.parametrize(
    ("built", "published", "expected"),
    [
        (None, False, "Not built"),
        (timedelta(), False, "Built"),
        (timedelta(hours=-2), False, "Out of date"),
        (timedelta(), True, "Published"),
        (timedelta(hours=-2), True, "Changed since"),
    ],
)
def test_agenda_says_how_far_its_pack_is(clerks, clerk, meeting, item, built, published, expected):
    if built is not None:
        pack_of(meeting, clerk, built_at=LATER + built, published=published)
    (issue,) = clerks.get(at("agenda", meeting)).context["issues"]
    assert (issue.name, issue.public.status, issue.restricted) == ("Agenda", expected, None)


def test_agenda_says_that_a_pack_was_taken_back_or_is_being_built(clerks, clerk, meeting):
    pack = pack_of(meeting, clerk)
    AgendaPack.objects.filter(pk=pack.pk).update(withdrawn_at=LATER, withdrawn_by=clerk, withdrawn_reason="A name.")
    assert clerks.get(at("agenda", meeting)).context["issues"][0].public.status == "Taken back"
    PackPlan.objects.create(meeting=meeting, claimed_until=LATER + timedelta(minutes=5))
    assert clerks.get(at("agenda", meeting)).context["issues"][0].public.status == "Being built"


def test_agenda_says_how_far_the_restricted_pack_is_where_something_is_exempt(clerks, clerk, meeting, item):
    meetings.add_paper(item, make_received(), title="Tender", exempt_paragraph=3, by=clerk, now=NOW)
    pack_of(meeting, clerk, built_at=LATER, published=True)
    (issue,) = clerks.get(at("agenda", meeting)).context["issues"]
    assert [(edition, line.status) for edition, line in issue.editions] == [
        ("Public edition", "Published"),
        ("Restricted edition", "Not built"),
    ]
    pack_of(meeting, clerk, built_at=LATER, published=True, edition="restricted")
    (issue,) = clerks.get(at("agenda", meeting)).context["issues"]
    assert [edition for edition, _ in issue.editions] == ["Public and restricted editions"]


def test_agenda_says_when_a_pack_is_to_be_published_and_that_it_was_not(clerks, clerk, meeting, item):
    plan = PackPlan.objects.create(
        meeting=meeting, publish_on=LATER + timedelta(days=1), planned_at=LATER, planned_by=clerk
    )
    assert "It will be published on 24 November 2026 at" in words(clerks.get(at("agenda", meeting)))
    plan.publish_on, plan.refusal = None, "A paper was replaced."
    plan.save()
    page = words(clerks.get(at("agenda", meeting)))
    assert "The planned publication did not happen.</strong> A paper was replaced." in page
    assert "It will be published" not in page


def test_agenda_lists_the_supplements_that_there_are(clerks, clerk, meeting, put, item):
    pack_of(meeting, clerk)
    put("Late business")
    meetings.add_paper(item, make_received(), title="Corrected", supplement=2, by=clerk, now=NOW)
    page = clerks.get(at("agenda", meeting))
    assert [issue.name for issue in page.context["issues"]] == ["Agenda", "Supplement 1", "Supplement 2"]
    assert "The agenda has been published." in words(page)


@pytest.mark.parametrize("rows", [1, 3])
def test_agenda_asks_as_often_for_one_item_as_for_three(
    clerks, clerk, meeting, inquiry, put, django_assert_num_queries, rows
):
    for number in range(rows):
        item = put(f"Budget {number}", kind=ItemKind.PAPERS)
        paper = meetings.add_paper(item, make_received(), title="Figures", by=clerk, now=NOW)
        pack_of(meeting, clerk, documents=[paper], number=number + 1)
        report = make_report(inquiry, clerk, months_on=6 * (number + 1), meeting=meeting)
        put(f"Warm homes {number}", kind=ItemKind.REPORT, report=report)
    AgendaDocument.objects.update(exempt_paragraph=3)
    with django_assert_num_queries(10):
        page = clerks.get(at("agenda", meeting))
    assert (len(page.context["lines"]), len(page.context["exposed_papers"])) == (2 * rows, rows)


@pytest.mark.parametrize(
    ("size", "name"),
    [
        ((595.276, 841.89), "A4"),
        ((842, 595), "A4 landscape"),
        ((1190.6, 841.9), "A3 landscape"),
        ((612, 792), "another size"),
    ],
)
def test_size_of_a_page(size, name):
    assert size_of(*size) == name
