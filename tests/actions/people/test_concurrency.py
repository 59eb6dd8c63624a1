"""Two clerks at the same person in the same moment, on connections of their own."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from inquiries.actions import handover, merge_people, people, progress, responses
from inquiries.actions.commission import Round, commission_reports
from inquiries.actions.people import open_work
from inquiries.models import Entry, Membership, Notification, Person, Response
from inquiries.permissions import Refused
from tests.at_once import at_once
from tests.cast import NOW, TODAY, person
from tests.factories import DATES, make_report

LATER = NOW + timedelta(hours=1)

pytestmark = pytest.mark.django_db(transaction=True)


def kinds(results):
    return sorted(type(result).__name__ for result in results)


def test_concurrent_leaver_twice(inquiry, clerk, colleague, officer, other_officer, contributor):
    results = at_once(
        lambda: handover.record_leaver(officer, responses=other_officer, by=clerk, now=LATER),
        lambda: handover.record_leaver(officer, responses=contributor, by=colleague, now=LATER),
    )
    assert kinds(results) == ["Person", "Refused"]
    assert Entry.objects.filter(verb="record_leaver").count() == 1
    assert Notification.objects.filter(occasion="handed_over").count() == 1
    assert not Response.objects.filter(lead_officer=officer).exists()


def test_concurrent_leavers_keep_clerk(clerk, colleague):
    results = at_once(
        lambda: handover.record_leaver(clerk, by=colleague, now=LATER),
        lambda: handover.record_leaver(colleague, by=clerk, now=LATER),
    )
    assert kinds(results) == ["Person", "Refused"]
    assert Person.objects.clerks().count() == 1


def test_concurrent_removals_keep_clerk(clerk, colleague):
    def take(whom, by):
        values = {"name": whom.name, "email": whom.email, "job_title": "", "organisation": "", "is_clerk": False}
        return people.change_person(whom, **values, by=by, now=LATER)

    results = at_once(lambda: take(clerk, colleague), lambda: take(colleague, clerk))
    assert kinds(results) == ["Person", "Refused"]
    assert Person.objects.clerks().count() == 1


def test_taker_cannot_leave_meanwhile(inquiry, clerk, colleague, officer, other_officer):
    results = at_once(
        lambda: handover.record_leaver(officer, responses=other_officer, by=clerk, now=LATER),
        lambda: handover.record_leaver(other_officer, responses=officer, by=colleague, now=LATER),
    )
    assert kinds(results) == ["Person", "ValidationError"]
    present = Person.objects.present()
    assert not Response.objects.open().filter(lead_officer__isnull=False).exclude(lead_officer__in=present).exists()


def test_concurrent_same_address(clerk, colleague):
    results = at_once(
        *(
            lambda by=by, name=name: people.invite(name=name, email="ann@wealdshire.example", by=by, now=LATER)
            for by, name in ((clerk, "Ann Blake"), (colleague, "Ann B"))
        )
    )
    assert kinds(results) == ["Person", "ValidationError"]
    refused = next(result for result in results if isinstance(result, ValidationError))
    # By name where the other one could be read already.
    assert list(refused.message_dict) == ["email"]
    assert Notification.objects.filter(occasion="invitation").count() == 1


def test_concurrent_same_seat(clerk, colleague, officer, committee):
    for_ever = {"committee": committee, "role": "member", "from_date": TODAY, "until_date": date(2030, 1, 1)}
    results = at_once(
        *(lambda by=by: people.give_seat(officer, **for_ever, by=by, now=LATER) for by in (clerk, colleague))
    )
    assert kinds(results) == ["Membership", "ValidationError"]
    assert Membership.objects.count() == 1


def test_concurrent_merges_of_one_record(inquiry, clerk, colleague, imported, officer, other_officer):
    results = at_once(
        lambda: merge_people.merge_person(imported, into=officer, by=clerk, now=LATER),
        lambda: merge_people.merge_person(imported, into=other_officer, by=colleague, now=LATER),
    )
    assert kinds(results) == ["Person", "Refused"]
    assert isinstance(next(r for r in results if not isinstance(r, Person)), Refused)
    kept = Person.objects.get(merged_from=imported)
    assert kept in (officer, other_officer)
    assert not Person.objects.filter(pk=imported.pk, is_active=True).exists()


def test_concurrent_chained_merges(clerk, colleague, imported, officer):
    first = person("J Moore")
    results = at_once(
        lambda: merge_people.merge_person(first, into=imported, by=clerk, now=LATER),
        lambda: merge_people.merge_person(imported, into=officer, by=colleague, now=LATER),
    )
    first.refresh_from_db()
    # Whichever came first, the chain leads to somebody who is there; or the second was refused.
    assert kinds(results) in (["Person", "Person"], ["Person", "Refused"])
    assert first.merged_into in (None, officer)


def test_reports_are_commissioned_once(inquiry, clerk, colleague):
    results = at_once(
        *(lambda by=by: commission_reports([Round(inquiry, 6)], **DATES, by=by, now=LATER) for by in (clerk, colleague))
    )
    assert kinds(results) == ["ValidationError", "list"]
    assert inquiry.progress_reports.count() == 1
    wanted = Notification.objects.filter(occasion="update_wanted").values_list("recipient", flat=True)
    assert len(wanted) == len(set(wanted)) > 0


def test_commissioning_asks_nobody_who_left_meanwhile(inquiry, clerk, colleague, officer, other_officer):
    commissioned, left = at_once(
        lambda: commission_reports([Round(inquiry, 6)], **DATES, by=clerk, now=LATER),
        lambda: handover.record_leaver(officer, responses=other_officer, by=colleague, now=LATER),
    )
    assert isinstance(commissioned, list) and isinstance(left, Person), (commissioned, left)
    asked = set(Notification.objects.filter(occasion="update_wanted").values_list("recipient__name", flat=True))
    handed_over = Notification.objects.filter(occasion="handed_over")
    # Whichever came first: who takes over was asked with the rest, or is told what has been asked of the leaver.
    assert other_officer.name in asked
    assert officer.name not in asked or handed_over.filter(recipient=other_officer).exists()
    assert not inquiry.responses.filter(lead_officer=officer).exists()


WORK = {
    "a response": lambda inquiry, report, who, by: responses.correct_response(
        inquiry.responses.get(recommendations__reference="10"), lead_officer=who, by=by, now=LATER
    ),
    "responses to sign": lambda inquiry, report, who, by: responses.correct_response(
        inquiry.responses.get(recommendations__reference="10"), cabinet_member=who, by=by, now=LATER
    ),
    "an update to write with": lambda inquiry, report, who, by: progress.save_update(
        report.updates.about("2").get(), version=0, text="News.", contributors=[who], by=by, now=LATER
    ),
    "a report to sign": lambda inquiry, report, who, by: progress.name_cabinet_members(
        report, people=[who], by=by, now=LATER
    ),
    "a new report to sign": lambda inquiry, report, who, by: progress.commission(
        inquiry, months_on=12, cabinet_members=[who], **DATES, by=by, now=LATER
    ),
    "reports of a meeting to sign": lambda inquiry, report, who, by: commission_reports(
        [Round(inquiry, 12, cabinet_members=(who,))], **DATES, by=by, now=LATER
    ),
    "a lead named while commissioning": lambda inquiry, report, who, by: commission_reports(
        [Round(inquiry, 12, lead_officers={inquiry.responses.get(recommendations__reference="10"): who})],
        **DATES,
        by=by,
        now=LATER,
    ),
    "a seat": lambda inquiry, report, who, by: people.give_seat(
        who, committee=inquiry.committee, role="member", from_date=TODAY, by=by, now=LATER
    ),
}


@pytest.mark.parametrize("kind", WORK)
def test_no_work_for_leaver(kind, inquiry, clerk, colleague, contributor):
    report = make_report(inquiry, clerk)
    given, left = at_once(
        lambda: WORK[kind](inquiry, report, contributor, clerk),
        lambda: handover.record_leaver(contributor, by=colleague, now=LATER),
    )
    # Whoever came second knew of the first: it was refused, or asked who takes over, or what was given ended.
    assert not isinstance(given, Exception) or isinstance(given, Refused | ValidationError)
    assert isinstance(left, Person | ValidationError)
    contributor.refresh_from_db()
    ending = Membership.objects.filter(person=contributor, until_date__isnull=True)
    has_work = bool(open_work(contributor).kinds) or ending.exists()
    assert has_work is contributor.is_active
