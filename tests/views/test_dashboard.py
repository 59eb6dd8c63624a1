"""Your work: what waits for each person."""

from datetime import date, timedelta

from django.http import QueryDict

from inquiries.actions import assessments, progress
from inquiries.choices import Rating, Stage
from inquiries.models import ProgressReport, ProgressUpdate
from inquiries.views.dashboard import Task, committee_tasks, sign_off_tasks, update_tasks
from inquiries.views.drafts import save_draft
from tests.cast import NOW, TODAY
from tests.factories import confirm_assessments, make_inquiry, make_meeting, make_report
from tests.views.officer.steps import fresh, save


def test_updates_in_every_state(inquiry, clerk, officer, contributor, cabinet_member, other_officer):
    report = make_report(inquiry, clerk, cabinet_members=[cabinet_member])
    ProgressReport.objects.update(updates_due_on=TODAY - timedelta(days=7))
    update = fresh(report)

    def rows(person):
        return [(row.name, row.status, row.due) for row in update_tasks(person, TODAY)]

    due = TODAY - timedelta(days=7)
    name = "Progress update on 1a and 1b: That the council publishes one telephone number for help with heating."
    assert rows(officer) == [(name, "Not started", due)]
    update = save(update, officer, contributors=[contributor])
    assert rows(contributor) == [(name, "Draft saved 23 November", due)]
    save_draft(officer, update.get_absolute_url(), QueryDict("version=1&text=Eleven"), now=NOW + timedelta(days=1))
    assert rows(officer) == [(name, "Not saved, from 24 November", due)]
    assert rows(contributor) == [(name, "Draft saved 23 November", due)]
    progress.submit_update(update, version=update.version, by=officer, now=NOW)
    assert rows(officer) == [(name, "Submitted", None)]
    progress.close_updates(report, by=clerk, now=NOW)
    assert rows(other_officer) == [
        ("Progress update on 2: That officers meet the county's advice agencies every quarter.", "Not received", None)
    ]
    progress.return_update(update, note="How many?", by=cabinet_member, now=NOW)
    # A returned update has five working days.
    assert rows(officer) == [(name, "Returned", date(2026, 11, 30))]


def test_open_updates_come_first(inquiry, committee, clerk, officer, cabinet_member):
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
    titles = [row.hint.partition(",")[0] for row in update_tasks(officer, TODAY)]
    assert titles == ["Trees", "Buses", "Warm Homes Inquiry"]


def test_updates_query_count(inquiry, committee, clerk, officer, cabinet_member, django_assert_num_queries):
    make_report(inquiry, clerk)
    with django_assert_num_queries(3):
        assert len(update_tasks(officer, TODAY)) == 1
    for title in ("Buses", "Trees"):
        make_report(make_inquiry(committee, clerk, officer=officer, cabinet_member=cabinet_member, title=title), clerk)
    with django_assert_num_queries(3):
        assert len(update_tasks(officer, TODAY)) == 3
    assert ProgressUpdate.objects.count() == 9


def test_sign_offs_that_can_be_given_now(inquiry, committee, clerk, cabinet_member, member, django_assert_num_queries):
    report = make_report(inquiry, clerk, meeting=make_meeting(committee))
    assert sign_off_tasks(cabinet_member, TODAY) == []
    progress.close_updates(report, by=clerk, now=NOW)
    with django_assert_num_queries(1):
        (task,) = sign_off_tasks(cabinet_member, TODAY)
    report = ProgressReport.objects.get()
    assert task == Task(
        name="Sign off: Warm Homes Inquiry",
        href="/inquiries/warm-homes-inquiry/progress/6/sign-off/",
        hint="Interim report (6 months on), for the meeting on 15 December 2026",
        due=report.sign_off_due_on,
        status="To sign",
        colour="blue",
    )
    assert sign_off_tasks(cabinet_member, report.sign_off_due_on + timedelta(days=1))[0].status == "Late"
    assert sign_off_tasks(member, TODAY) == []
    progress.sign_off(report.sign_offs.get(), by=cabinet_member, now=NOW)
    assert sign_off_tasks(cabinet_member, TODAY) == []


def test_reports_of_own_committees(
    inquiry, committee, member, chair, other_member, stranger, clerk, django_assert_num_queries
):
    report = make_report(inquiry, clerk, at=Stage.PUBLISHED, meeting=make_meeting(committee))
    assessments.indicate(report.updates.about("2").get(), rating=Rating.ON_TRACK, note="", by=member, now=NOW)
    with django_assert_num_queries(2):
        (task,) = committee_tasks(member, TODAY)
    assert task == Task(
        name="Read: Warm Homes Inquiry",
        href="/inquiries/warm-homes-inquiry/progress/6/assess/",
        hint="Interim report (6 months on), for the meeting on 15 December 2026",
        due=None,
        status="1 of 3 noted",
        colour="blue",
    )
    for update in report.updates.all():
        assessments.assess(update, rating=None, comment="", seen=None, by=clerk, now=NOW)
    in_meeting, task = committee_tasks(chair, TODAY)
    assert (in_meeting.name, in_meeting.href, in_meeting.status) == (
        "In the meeting on 15 December 2026: row by row",
        f"/meetings/{report.meeting.pk}/room/",
        "3 of 3 rated",
    )
    assert (task.name, task.status, task.colour) == ("Assess: Warm Homes Inquiry", "3 of 3 rated", "green")
    assert committee_tasks(other_member, TODAY) == committee_tasks(stranger, TODAY) == []
    assert committee_tasks(member, date(2025, 1, 1)) == []
    confirm_assessments(report, by=clerk, now=NOW + timedelta(hours=1))
    assert committee_tasks(member, TODAY) == []
