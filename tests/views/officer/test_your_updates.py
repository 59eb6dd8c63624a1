"""The updates of one person, for the start page."""

from datetime import date, timedelta

from inquiries.actions import progress
from inquiries.choices import Stage
from inquiries.models import ProgressReport, ProgressUpdate
from inquiries.views.officer import updates_waiting
from tests.cast import NOW, TODAY
from tests.factories import make_inquiry, make_report
from tests.views.officer.steps import fresh, save


def test_your_updates_in_every_state(inquiry, clerk, officer, contributor, cabinet_member, other_officer):
    report = make_report(inquiry, clerk, cabinet_members=[cabinet_member])
    ProgressReport.objects.update(updates_due_on=TODAY - timedelta(days=7))
    update = fresh(report)

    def rows(person):
        return [(row.name, row.status, row.due, row.late) for row in updates_waiting(person, TODAY)]

    due = TODAY - timedelta(days=7)
    name = "Progress update on 1a and 1b"
    assert rows(officer) == [(name, "Not started", due, True)]
    update = save(update, officer, contributors=[contributor])
    assert rows(contributor) == [(name, "Draft saved 23 November", due, True)]
    progress.submit_update(update, version=update.version, by=officer, now=NOW)
    assert rows(officer) == [(name, "Submitted", None, False)]
    progress.close_collection(report, by=clerk, now=NOW)
    assert rows(other_officer) == [("Progress update on 2", "Closed without an update", None, False)]
    progress.return_update(update, note="How many?", by=cabinet_member, now=NOW)
    assert rows(officer) == [(name, "Returned with a note", due, True)]


def test_your_updates_are_open_first_and_end_with_publication(inquiry, committee, clerk, officer, cabinet_member):
    report = make_report(inquiry, clerk)
    update = save(fresh(report), officer)
    progress.submit_update(update, version=update.version, by=officer, now=NOW)
    later = make_inquiry(committee, clerk, officer=officer, cabinet_member=cabinet_member, title="Buses")
    sooner = make_inquiry(committee, clerk, officer=officer, cabinet_member=cabinet_member, title="Trees")
    for one, day in ((later, date(2026, 12, 9)), (sooner, date(2026, 12, 2))):
        ProgressReport.objects.filter(pk=make_report(one, clerk).pk).update(updates_due_on=day)
    make_report(
        make_inquiry(committee, clerk, officer=officer, cabinet_member=cabinet_member, title="Old"),
        clerk,
        at=Stage.PUBLISHED,
    )
    titles = [row.update.report.inquiry.title for row in updates_waiting(officer, TODAY)]
    assert titles == ["Trees", "Buses", "Warm Homes Inquiry"]


def test_your_updates_ask_the_same_number_of_questions(
    inquiry, committee, clerk, officer, cabinet_member, django_assert_num_queries
):
    make_report(inquiry, clerk)
    with django_assert_num_queries(4):
        assert len(updates_waiting(officer, TODAY)) == 1
    for title in ("Buses", "Trees"):
        make_report(make_inquiry(committee, clerk, officer=officer, cabinet_member=cabinet_member, title=title), clerk)
    with django_assert_num_queries(4):
        assert len(updates_waiting(officer, TODAY)) == 3
    assert ProgressUpdate.objects.count() == 9
