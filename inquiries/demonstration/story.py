"""The demonstration's story, told by the real actions at invented times before today."""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.text import slugify

from inquiries import rules
from inquiries.actions import assessments, inquiries, meetings, packs, progress, publication, records, responses
from inquiries.actions.people import make_clerk
from inquiries.choices import SeatRole
from inquiries.demonstration import agendas, content
from inquiries.models import (
    CabinetMember,
    Committee,
    Inquiry,
    Meeting,
    Membership,
    Notification,
    Person,
    Recommendation,
)

DOMAIN = "demonstration.example"
# In how many days the committee meets: far enough away for five clear days, whatever the holidays; and the next time.
SOON, LATER = 12, 29


@transaction.atomic
def tell(today):
    """Load the demonstration as it would stand on `today`; returns False, and does nothing, when it is there."""
    if Inquiry.objects.filter(slug=slugify(content.CRISIS["title"])).exists():
        return False
    cast = _people(today)
    committee = _committee(cast, today)
    _crisis(committee, cast, today)
    _streets(committee, cast, today)
    _gritting(committee, cast, today)
    _libraries(committee, cast, today)
    # Of what happened before today nobody is notified any more.
    Notification.objects.update(sent_on=F("queued_on"))
    return True


def _at(today, days, hour=10):
    """Some time on the day that is `days` before `today`."""
    moment = datetime.combine(today - timedelta(days=days), time(hour, 12))
    return timezone.make_aware(moment, timezone.get_default_timezone())


def _people(today):
    cast = {}
    for key, (name, job_title) in content.PEOPLE.items():
        first = slugify(name.removeprefix("Councillor ").removeprefix("Mrs ").split()[0])
        email, then = f"{first}@{DOMAIN}", _at(today, 900)
        if key == "clerk":
            cast[key], _ = make_clerk(email=email, name=name, now=then)
        person = cast.get(key) or Person(name=name, email=email)
        person.job_title = job_title
        person.set_unusable_password()
        cast[key] = records.save_record(person, by=cast["clerk"], now=then)
    cast["imported"] = records.save_record(Person(name=content.IMPORTED), by=cast["clerk"], now=then)
    for key, portfolio in (("cabinet_member", "Communities"), ("second_cabinet_member", "Transport")):
        seat = CabinetMember(person=cast[key], portfolio=portfolio, from_date=today - timedelta(days=900))
        records.save_record(seat, by=cast["clerk"], now=_at(today, 800))
    return cast


def _committee(cast, today):
    clerk, then = cast["clerk"], _at(today, 800)
    committee = Committee(name="Communities Select Committee", slug="communities")
    records.save_record(committee, by=clerk, now=then)
    for key, role in (
        ("chair", SeatRole.CHAIR),
        ("member", SeatRole.VICE_CHAIR),
        ("second_member", SeatRole.MEMBER),
        ("third_member", SeatRole.CO_OPTED),
    ):
        seat = Membership(committee=committee, person=cast[key], role=role, from_date=today - timedelta(days=900))
        records.save_record(seat, by=clerk, now=then)
    return committee


def _inquiry(told, committee, cast, today, days, cabinet_member, **dates):
    """An inquiry of `days` ago with its recommendations and Cabinet's responses."""
    clerk, now = cast["clerk"], _at(today, days)
    inquiry = Inquiry(
        committee=committee,
        title=told["title"],
        slug=slugify(told["title"]),
        summary=told["summary"],
        completed_on=now.date(),
        completed_body="Cabinet",
        received_on=now.date() - timedelta(days=50),
    )
    records.save_record(inquiry, by=clerk, now=now)
    made = {
        reference: inquiries.add_recommendation(inquiry, reference=reference, text=text, by=clerk, now=now)
        for reference, text in told["recommendations"]
    }
    for numbers, decision, text, reason, lead, target in told["responses"]:
        responses.record_response(
            inquiry,
            recommendations=[made[number] for number in numbers],
            decision=decision,
            text=text,
            reason=reason,
            answered_on=now.date(),
            lead_officer=cast.get(lead),
            cabinet_member=cast[cabinet_member],
            target_date=now.date() + timedelta(days=target) if target else None,
            by=clerk,
            now=now,
        )
    inquiries.publish_inquiry(inquiry, by=clerk, now=now)
    return inquiry


def _meeting(committee, day, clerk, now):
    """A meeting on the next Tuesday from `day`, at two in the afternoon."""
    day += timedelta(days=(1 - day.weekday()) % 7)
    while not rules.ClearDays().is_counted(day):
        day += timedelta(days=7)
    start = timezone.make_aware(datetime.combine(day, time(14)), timezone.get_default_timezone())
    meeting = Meeting.objects.filter(committee=committee, start=start).first()
    if meeting is None:
        venue = "Mezzanine Room 2, County Hall, Wealdbridge"
        meeting = meetings.call_meeting(committee=committee, start=start, venue=venue, by=clerk, now=now)
    return meeting


def _write(update, text, view, *, by, now, submit=True, **fields):
    write = progress.submit_update if submit else progress.save_update
    return write(update, version=update.version, by=by, now=now, text=text, officer_view=view, **fields)


def _crisis(committee, cast, today):
    clerk, told = cast["clerk"], content.CRISIS
    inquiry = _inquiry(told, committee, cast, today, 400, "cabinet_member")
    inquiries.end_recommendation(
        Recommendation.objects.get(inquiry=inquiry, reference="4"),
        ending="withdrawn",
        reason="The Government announced its own review before Cabinet answered, so the committee took this back.",
        on=today - timedelta(days=395),
        by=clerk,
        now=_at(today, 395),
    )
    _interim(inquiry, cast, today)
    inquiries.end_recommendation(
        Recommendation.objects.get(inquiry=inquiry, reference="7"),
        ending="superseded",
        reason="The national advice line now answers at weekends.",
        on=today - timedelta(days=150),
        by=clerk,
        now=_at(today, 150),
    )
    moved = inquiry.responses.get(recommendations__reference="6")
    responses.change_target_date(
        moved,
        target_date=moved.target_date + timedelta(days=92),
        reason="The credit unions asked for a quarter to train their staff.",
        by=clerk,
        now=_at(today, 100),
    )
    _final(inquiry, cast, today)


def _interim(inquiry, cast, today):
    clerk = cast["clerk"]
    meeting = _meeting(inquiry.committee, today - timedelta(days=190), clerk, _at(today, 250))
    report = progress.commission(inquiry, months_on=6, meeting=meeting, by=clerk, now=_at(today, 240))
    for update in report.updates.for_page():
        text, view, contributors, evidence, _, _ = content.CRISIS["interim"][update.reference]
        by = update.response.lead_officer or clerk
        named = [cast[key] for key in contributors]
        _write(update, text, view, by=by, now=_at(today, 225), contributors=named, evidence=evidence)
    progress.sign_off(report.sign_offs.get(), by=cast["cabinet_member"], now=_at(today, 212))
    publication.publish(report, by=clerk, now=_at(today, 205))
    for update in report.updates.for_page():
        *_, rating, comment = content.CRISIS["interim"][update.reference]
        assessments.assess(update, rating=rating, comment=comment, seen=None, by=cast["chair"], now=_at(today, 186))
    assessments.confirm_assessments(report, by=cast["chair"], now=_at(today, 185))


def _final(inquiry, cast, today):
    clerk = cast["clerk"]
    meeting = _meeting(inquiry.committee, today + timedelta(days=LATER), clerk, _at(today, 60))
    report = progress.commission(inquiry, months_on=12, meeting=meeting, by=clerk, now=_at(today, 20))
    for update in report.updates.for_page():
        wording = content.CRISIS["final"][update.reference]
        if wording is None:
            continue
        text, view, become = wording
        lead = update.response.lead_officer
        by = {"on behalf": clerk, "draft by contributor": cast["contributor"]}.get(become, lead)
        saved = _write(update, text, view, by=by, now=_at(today, 6), submit=not become.startswith("draft"))
        if become == "returned":
            progress.return_update(
                saved, note=content.CRISIS["return_note"], by=cast["cabinet_member"], now=_at(today, 3)
            )


def _streets(committee, cast, today):
    """A report that waits for its Cabinet Members, of whom one has signed."""
    report = _collected(content.STREETS, committee, cast, today, SOON, also=[cast["second_cabinet_member"]])
    progress.sign_off(
        report.sign_offs.get(person=cast["second_cabinet_member"]),
        by=cast["second_cabinet_member"],
        now=_at(today, 1),
    )


def _gritting(committee, cast, today):
    """A signed-off report on an agenda that the clerk is still putting together."""
    report = _collected(
        content.GRITTING, committee, cast, today, LATER, ago=165, cabinet_member="second_cabinet_member"
    )
    _sign(report, _at(today, 4))
    agendas.put_together(report.meeting, content.AGENDA_TO_COME, by=cast["clerk"], now=_at(today, 2))


def _libraries(committee, cast, today):
    """A published agenda with a report that waits for the committee's assessment, and a paper that is exempt."""
    report = _collected(content.LIBRARIES, committee, cast, today, SOON)
    _sign(report, _at(today, 3))
    agendas.put_together(report.meeting, content.PUBLISHED_AGENDA, by=cast["clerk"], now=_at(today, 3, 15))
    packs.publish_packs(report.meeting, 0, by=cast["clerk"], now=_at(today, 2))
    first = report.updates.for_page().first()
    assessments.indicate(
        first,
        rating=2,
        note="What about the two districts without a lift?",
        by=cast["second_member"],
        now=_at(today, 1),
    )


def _collected(told, committee, cast, today, days, *, ago=195, cabinet_member="cabinet_member", also=()):
    """The report of an inquiry of half a year before the meeting in `days` days, with all its updates."""
    clerk = cast["clerk"]
    inquiry = _inquiry(told, committee, cast, today, ago, cabinet_member)
    meeting = _meeting(committee, today + timedelta(days=days), clerk, _at(today, 60))
    report = progress.commission(
        inquiry, months_on=6, meeting=meeting, cabinet_members=also, by=clerk, now=_at(today, 40)
    )
    for update in report.updates.for_page():
        text, view = told["updates"][update.reference]
        _write(update, text, view, by=update.response.lead_officer, now=_at(today, 10))
    report.refresh_from_db()
    return report


def _sign(report, now):
    for sign_off in report.sign_offs.all():
        progress.sign_off(sign_off, by=sign_off.person, now=now)
