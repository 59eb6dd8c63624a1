"""The meetings of a committee as a calendar that programs follow (iCalendar, RFC 5545)."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar, Event

from inquiries.documents.content import long_date
from inquiries.documents.safe_text import without_controls
from inquiries.models import AgendaPack, Entry

PRODUCT = "-//Scrutiny//Meetings of a committee//EN"
KEPT_FOR = timedelta(days=366)
ASK_AGAIN = timedelta(hours=6)
# What was done to a meeting since it was called: each is a new version of its event.
VERBS = ("added", "changed", "cancel")
# The stamp of a meeting whose history says nothing (recorded before there was any): any fixed moment does.
NO_HISTORY = datetime(2000, 1, 1, tzinfo=UTC)


def committee_calendar(committee, *, now):
    """The meetings of `committee` of the year past and those to come, as bytes of an iCalendar file.

    The same facts give the same bytes. No event has an end: how long a meeting takes is not known before it is over.
    """
    meetings = list(committee.meetings.filter(start__gte=now - KEPT_FOR).order_by("start"))
    entries, packs = meeting_versions(meetings), published_agendas(meetings)
    name = without_controls(f"{committee.name}: {settings.COUNCIL_NAME}")
    address = absolute_url(reverse("public:calendar", args=[committee.slug]))
    calendar = Calendar.new(name=name, prodid=PRODUCT, uid=address, refresh_interval=ASK_AGAIN)
    for meeting in meetings:
        meeting.committee = committee
        calendar.add_component(meeting_event(meeting, entries.get(meeting.pk), packs.get(meeting.pk)))
    if meetings:
        last = meetings[-1].day + timedelta(days=1)
        calendar.add_missing_timezones(first_date=meetings[0].day - KEPT_FOR, last_date=last)
    return calendar.to_ical()


def calendar_of_plan(committee, plan):
    """The public forward plan as bytes of an iCalendar file: meetings with what is planned or expected for them.

    What has no meeting yet is an event of the day on which it is due.
    """
    meetings = [planned.meeting for planned in plan.meetings]
    entries, packs = meeting_versions(meetings), published_agendas(meetings)
    name = without_controls(f"Forward plan: {committee.name}, {settings.COUNCIL_NAME}")
    address = absolute_url(reverse("public:forward_plan_calendar", args=[committee.slug]))
    calendar = Calendar.new(
        name=name, description=plan.note or None, prodid=PRODUCT, uid=address, refresh_interval=ASK_AGAIN
    )
    for planned in plan.meetings:
        planned.meeting.committee = committee
        calendar.add_component(planned_event(planned, entries.get(planned.meeting.pk), packs.get(planned.meeting.pk)))
    for expected in plan.elsewhere:
        calendar.add_component(expected_event(expected))
    if meetings:
        last = meetings[-1].day + timedelta(days=1)
        calendar.add_missing_timezones(first_date=meetings[0].day - KEPT_FOR, last_date=last)
    return calendar.to_ical()


def planned_event(planned, entry, pack):
    """As in the calendar of meetings, with what is planned. No version: it changes with the reports, too."""
    event = meeting_event(planned.meeting, entry, pack)
    lines = [f"- {one.title}: {one.what[0].lower()}{one.what[1:]}" for one in planned.entries]
    for name in ("uid", "last-modified", "sequence", "description"):
        described = event.pop(name)
    event.add("uid", f"plan-{planned.meeting.pk}@{urlsplit(settings.SITE_ADDRESS).hostname}")
    event.add("description", without_controls("\n".join([*lines, "", str(described)]).strip()))
    return event


def expected_event(expected):
    event, address = Event(), absolute_url(reverse("public:inquiry", args=[expected.slug]))
    key = f"expected-{expected.slug}-{expected.months or 'response'}"
    event.add("uid", f"{key}@{urlsplit(settings.SITE_ADDRESS).hostname}")
    event.add("dtstamp", NO_HISTORY)
    event.add("dtstart", expected.due)
    event.add(
        "summary", without_controls(f"Expected: {expected.what[0].lower()}{expected.what[1:]} of {expected.title}")
    )
    event.add("url", address)
    event.add("description", address)
    event.add("transp", "TRANSPARENT")
    return event


def meeting_event(meeting, entry, pack):
    entry, pack = entry or {"times": 0, "last": None}, pack or {}
    moments = [moment for moment in (entry["last"], pack.get("published"), pack.get("withdrawn")) if moment]
    changed, address = max(moments, default=NO_HISTORY), absolute_url(meeting.get_absolute_url())
    cancelled = meeting.cancelled_at is not None
    event = Event()
    event.add("uid", f"meeting-{meeting.pk}@{urlsplit(settings.SITE_ADDRESS).hostname}")
    event.add("dtstamp", changed.astimezone(UTC))
    event.add("last-modified", changed.astimezone(UTC))
    event.add("sequence", entry["times"] + pack.get("times", 0) + pack.get("times_withdrawn", 0))
    event.add("dtstart", timezone.localtime(meeting.start))
    event.add("summary", f"{'Cancelled: ' if cancelled else ''}{without_controls(meeting.committee.name)}")
    if meeting.venue:
        event.add("location", without_controls(meeting.venue))
    event.add("url", address)
    event.add("description", without_controls(f"{event_description(meeting, pack.get('standing'))}\n{address}"))
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    return event


def event_description(meeting, published_at):
    if meeting.cancelled_at is not None:
        reason = f" {meeting.cancelled_reason}" if meeting.cancelled_reason else ""
        return f"This meeting was cancelled.{reason}"
    if published_at:
        return f"The agenda was published on {long_date(timezone.localtime(published_at))}."
    return f"The last day to publish the agenda is {long_date(meeting.deadlines.publication)}."


def meeting_versions(meetings):
    """How often each meeting was changed, and when last: {meeting: {"times", "last"}}."""
    entries = Entry.objects.filter(subject_type="meeting", subject_id__in=[m.pk for m in meetings], verb__in=VERBS)
    counted = entries.order_by().values("subject_id").annotate(times=Count("pk"), last=Max("at"))
    return {line["subject_id"]: line for line in counted}


def published_agendas(meetings):
    packs = AgendaPack.objects.filter(
        meeting__in=meetings, edition="public", supplement=0, published_at__isnull=False
    ).order_by()
    counted = packs.values("meeting").annotate(
        times=Count("pk"),
        times_withdrawn=Count("withdrawn_at"),
        published=Max("published_at"),
        withdrawn=Max("withdrawn_at"),
        standing=Max("published_at", filter=Q(withdrawn_at__isnull=True)),
    )
    return {line["meeting"]: line for line in counted}


def absolute_url(path):
    return f"{settings.SITE_ADDRESS.rstrip('/')}{path}"
