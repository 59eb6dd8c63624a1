"""Your work: what waits for a person, and for a clerk what is under way."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import get_text_list

from inquiries import health
from inquiries.choices import SeatRole, Stage, UpdateState
from inquiries.documents.content import long_date
from inquiries.models import (
    ActionPoint,
    AgendaItem,
    AgendaPack,
    CabinetMember,
    Draft,
    Inquiry,
    Meeting,
    Membership,
    MoreTimeRequest,
    Notification,
    OfficerReport,
    OfficerReportSignature,
    Person,
    ProgressReport,
    ProgressUpdate,
    Recommendation,
    Restoration,
    SignOff,
)
from inquiries.models.fields import count_rows, has_any
from inquiries.models.minutes import with_minutes_state
from inquiries.permissions import can
from inquiries.views.board import worst_lines
from inquiries.views.officer_report_lines import officer_report_lines, officer_reports_under_way

MOST_TASKS = 15  # in one list
MOST_OF_BOARD = 10  # of rounds, and of officer reports: the board has them all
MINUTES_DAYS = 56  # after a meeting, for so long the minutes are asked for


@dataclass(frozen=True)
class Task:
    """One line of a list, as `components/task_list.html` prints it.

    `due` is None where there is no deadline, or nothing to do any more; `colour` is that of the status ("": plain).
    """

    name: str
    href: str
    hint: str
    due: date | None
    status: str
    colour: str


def your_work(person, today):
    return {"most": MOST_TASKS} | find_work(person, today)


def find_work(person, today):
    administers = can("administer", person, None, today)
    has = kinds_of_work(person, today, administers=administers)
    work = {
        "updates": [
            *(update_tasks(person, today) if has["updates"] else ()),
            *(officer_report_tasks(person) if has["officer_reports"] else ()),
        ],
        "sign_offs": [
            *(sign_off_tasks(person, today) if has["sign_offs"] else ()),
            *(signature_tasks(person, today) if has["signatures"] else ()),
        ],
        "actions": action_tasks(person, today) if has["actions"] else [],
    }
    if administers:
        recent = health.recent_work.find()
        # An officer of the council has no portfolio, and no seat on a committee.
        return work | {
            **board_work(today),
            "more_time": more_time_tasks() if has["more_time"] else [],
            "being_recorded": recording_tasks(),
            "agendas": agenda_tasks(today),
            **(officer_report_work(today) if has["reports_under_way"] else {}),
            "minutes": minutes_tasks(today),
            "undelivered": [
                *(refused_address_tasks() if has["refused_addresses"] else ()),
                *(undelivered_code_tasks() if recent.has_undelivered_codes else ()),
            ],
            "restoration": Restoration.objects.open().first() if recent.has_held_work else None,
        }
    work["reports"] = committee_tasks(person, today) if has["seats"] else []
    portfolios = portfolios_of(person, today).values_list("portfolio", flat=True) if has["portfolios"] else []
    nothing = not any(work.values())
    return work | {"nothing": nothing, "portfolios": list(portfolios), "signs_progress": has["sign_offs"]}


def kinds_of_work(person, today, *, administers):
    """Which of what few people have there is for this one."""
    kinds = {
        "updates": updates_of(person),
        "officer_reports": officer_reports_of(person),
        "sign_offs": sign_offs_of(person),
        "signatures": signatures_of(person),
        "actions": ActionPoint.objects.open().filter(owner=person),
    }
    if not administers:
        return has_any(kinds | {"seats": seats_of(person, today), "portfolios": portfolios_of(person, today)})
    return has_any(
        kinds
        | {
            "more_time": MoreTimeRequest.objects.waiting(),
            "reports_under_way": officer_reports_under_way(timezone.now()),
            "refused_addresses": Person.objects.with_refused_address(),
        }
    )


def updates_of(person):
    before = ProgressReport.objects.at_stage(Stage.COMMISSIONED, Stage.AWAITING_SIGN_OFF, Stage.SIGNED_OFF)
    return ProgressUpdate.objects.written_by(person).filter(report__in=before)


def officer_reports_of(person):
    return OfficerReport.objects.current().filter(signed_off_at__isnull=True).written_by(person)


def sign_offs_of(person):
    awaiting = ProgressReport.objects.at_stage(Stage.AWAITING_SIGN_OFF)
    return SignOff.objects.filter(person=person, signed_at__isnull=True, report__in=awaiting)


def signatures_of(person):
    awaiting = OfficerReport.objects.awaiting_sign_off()
    return OfficerReportSignature.objects.filter(person=person, signed_at__isnull=True, report__in=awaiting)


def seats_of(person, today):
    return Membership.objects.on(today).filter(person=person)


def portfolios_of(person, today):
    return CabinetMember.objects.on(today).filter(person=person)


def refused_address_tasks():
    return [
        Task(
            f"Correct the e-mail address of {person}",
            reverse("clerk:change_person", args=[person.pk]),
            person.email,
            None,
            "Refused",
            "red",
        )
        for person in Person.objects.with_refused_address().by_name()[:MOST_TASKS]
    ]


def undelivered_code_tasks():
    codes = Notification.objects.undelivered_codes(timezone.now()).select_related("recipient")[:MOST_TASKS]
    # The last of each.
    last = {code.recipient: code for code in reversed(codes)}
    return [
        Task(
            f"No sign-in code reached {person}",
            reverse("clerk:person", args=[person.pk]),
            f"{date_format(timezone.localtime(code.queued_on), 'j F, H:i')}: {code.last_failure}",
            None,
            "Not delivered",
            "red",
        )
        for person, code in last.items()
        if not person.has_refused_address
    ]


def deadline_task(name, href, hint, due, today, status, colour="blue"):
    is_late = due is not None and due < today
    return Task(name, href, hint, due, "Late" if is_late else status, "red" if is_late else colour)


def update_tasks(person, today):
    """The updates that `person` leads or contributes to, in reports that are not yet published: open ones first.

    One line for each report, which leads to the page of them all.
    """
    updates = updates_of(person).in_order().select_related("response", "report__inquiry").with_recommendations()
    updates = list(updates)
    addresses = [update.get_absolute_url() for update in updates if update.is_open]
    drafts = dict(Draft.objects.filter(person=person, address__in=addresses).values_list("address", "updated_at"))
    by_report = defaultdict(list)
    for update in updates:
        by_report[update.report].append(update)
    tasks = [updates_task(report, theirs, drafts) for report, theirs in by_report.items()]
    return sorted(tasks, key=lambda task: (task.due is None, task.due or date.max))


def updates_task(report, updates, drafts):
    href = reverse("officer:updates", args=[report.inquiry.slug, report.months_on])
    about = f"{report.inquiry.title}, {report.kind.lower()}"
    waiting = [update for update in updates if update.is_open]
    due = min((update.due_on for update in waiting if update.due_on), default=None)
    if len(updates) == 1:
        status, colour = update_status(updates[0], drafts.get(updates[0].get_absolute_url()))
        return Task(f"Progress update on {updates[0].response.title}", href, about, due, status, colour)
    numbers = get_text_list([update.response.references for update in updates], "and")
    submitted = len(updates) - len(waiting)
    status, colour = f"{submitted} of {len(updates)} in", "blue" if waiting else "green"
    if any(update.is_returned for update in waiting):
        status, colour = "Returned", UpdateState.RETURNED.colour
    return Task(f"{len(updates)} progress updates: {about}", href, f"On {numbers}", due, status, colour)


def update_status(update, draft_at):
    """The label and colour of a tag; `draft_at` is when its reader typed what is not saved."""
    state = update.state
    if draft_at and state in (UpdateState.NOT_STARTED, UpdateState.DRAFT):
        return f"Not saved, from {day_and_month(draft_at)}", "yellow"
    if state == UpdateState.DRAFT:
        return f"{state.label} {day_and_month(update.saved_at)}", state.colour
    return state.label, state.colour


def day_and_month(moment):
    day = timezone.localdate(moment)
    return f"{day.day} {day:%B}"


def action_tasks(person, today):
    """What committees ask the person to do."""
    actions = ActionPoint.objects.open().filter(owner=person).select_related("update__report__inquiry__committee")
    return [
        deadline_task(
            action.text,
            action.get_absolute_url(),
            f"{action.update.report.inquiry.committee}: {action.update.report.inquiry.title}",
            action.due_on,
            today,
            "To do",
        )
        for action in actions.order_by("due_on", "pk")[:MOST_TASKS]
    ]


def sign_off_tasks(person, today):
    waiting = sign_offs_of(person).select_related("report__inquiry", "report__meeting")
    waiting = waiting.order_by("report__sign_off_due_on", "pk")
    return [
        deadline_task(
            f"Sign off: {report.inquiry.title}",
            reverse("cabinet:sign_off", args=[report.inquiry.slug, report.months_on]),
            kind_and_meeting(report),
            report.sign_off_due_on,
            today,
            "To sign",
        )
        for report in (sign_off.report for sign_off in waiting)
    ]


def officer_report_tasks(person):
    """The officer reports that `person` writes, until they are signed off: open ones first."""
    reports = officer_reports_of(person)
    tasks = [
        Task(
            report.title,
            report.get_absolute_url(),
            f"Report to the {report.meeting}",
            report.text_due_on if report.is_open else None,
            report.state.label,
            report.state.colour,
        )
        for report in reports.select_related("item__meeting__committee").defer("sections")
    ]
    return sorted(tasks, key=lambda task: (task.due is None, task.due or date.max))


def signature_tasks(person, today):
    waiting = signatures_of(person)
    tasks = [
        deadline_task(
            f"Sign off: {report.title}",
            reverse("cabinet:sign_officer_report", args=[report.pk]),
            f"Report to the {report.meeting}",
            report.sign_off_due_on,
            today,
            "To sign",
        )
        for report in (one.report for one in waiting.select_related("report__item__meeting__committee"))
    ]
    return sorted(tasks, key=lambda task: task.due)


def committee_tasks(person, today):
    seats = dict(seats_of(person, today).order_by().values_list("committee", "role"))
    reports = (
        ProgressReport.objects.at_stage(Stage.PUBLISHED)
        .filter(inquiry__committee__in=seats)
        .select_related("inquiry", "meeting")
        .annotate(
            row_count=Count("updates", distinct=True),
            rated=Count("updates__assessment", distinct=True),
            noted=Count("updates__indications", filter=Q(updates__indications__recorded_by=person), distinct=True),
        )
        .order_by("meeting__start", "pk")
    )
    chaired = [report for report in reports if seats[report.inquiry.committee_id] == SeatRole.CHAIR]
    return [*room_tasks(chaired), *(committee_task(report, chairs=report in chaired) for report in reports)]


def room_tasks(reports):
    """The room page of each meeting that these reports are for."""
    by_meeting = defaultdict(list)
    for report in reports:
        if report.meeting and report.meeting.cancelled_at is None:
            by_meeting[report.meeting].append(report)
    return [
        Task(
            f"In the meeting on {long_date(meeting.day)}: row by row",
            reverse("committee:room", args=[meeting.pk]),
            "One row at a time, with a screen for the room",
            None,
            f"{sum(one.rated for one in theirs)} of {sum(one.row_count for one in theirs)} rated",
            "blue",
        )
        for meeting, theirs in by_meeting.items()
    ]


def committee_task(report, *, chairs):
    done = report.rated if chairs else report.noted
    return Task(
        name=f"{'Assess' if chairs else 'Read'}: {report.inquiry.title}",
        href=reverse("committee:assess", args=[report.inquiry.slug, report.months_on]),
        hint=kind_and_meeting(report),
        due=None,
        status=f"{done} of {report.row_count} {'rated' if chairs else 'noted'}",
        colour="green" if done == report.row_count else "blue",
    )


def kind_and_meeting(report):
    return f"{report.kind}, for the meeting on {long_date(report.meeting.day)}" if report.meeting else report.kind


# --- The clerk's ---


def more_time_tasks():
    answered = Recommendation.objects.filter(response=OuterRef("update__response")).order_by("reference_key")
    waiting = (
        MoreTimeRequest.objects.waiting()
        .select_related("asked_by", "update__report__inquiry", "officer_report__item__meeting__committee")
        .only(
            *("wanted_until", "asked_by__name"),
            *(f"update__{name}" for name in ("extended_until", "return_due_on")),
            *(f"update__report__{name}" for name in ("months_on", "updates_due_on", "sign_off_due_on")),
            *("update__report__inquiry__title", "update__report__inquiry__slug"),
            *(f"officer_report__{name}" for name in ("title", "text_due", "return_due_on")),
            *("officer_report__item__meeting__start", "officer_report__item__meeting__committee__name"),
        )
        .annotate(references=ArraySubquery(answered.values("reference")))
        .order_by("wanted_until", "pk")[:MOST_TASKS]
    )
    return [
        Task(
            f"{one.asked_by} asks for more time, until {long_date(one.wanted_until)}",
            one.get_absolute_url(),
            more_time_subject(one),
            one.subject.due_on,
            "To decide",
            "yellow",
        )
        for one in waiting
    ]


def more_time_subject(request):
    if request.officer_report:
        return f"{request.officer_report}, report to the {request.officer_report.meeting}"
    return f"Progress update on {get_text_list(request.references, 'and')}, {request.update.report.inquiry.title}"


def board_work(today):
    lines, left = worst_lines(today, MOST_OF_BOARD)
    return {"board": lines, "left_on_board": left}


def officer_report_work(today):
    lines = officer_report_lines(timezone.now(), today)
    return {"officer_reports": lines[:MOST_OF_BOARD], "left_of_officer_reports": len(lines[MOST_OF_BOARD:])}


def recording_tasks():
    recommendations = Recommendation.objects.filter(inquiry=OuterRef("pk"))
    answered = recommendations.filter(Q(response__isnull=False) | ~Q(ended_as=""))
    inquiries = (
        Inquiry.objects.being_recorded()
        .select_related("committee")
        # Subqueries: only those of the first few are counted.
        .annotate(recorded=count_rows(recommendations, "inquiry"), answered=count_rows(answered, "inquiry"))
        .order_by("-pk")[:MOST_TASKS]
    )
    return [
        Task(
            inquiry.title,
            reverse("clerk:record_inquiry", args=[inquiry.slug]),
            inquiry.committee.name,
            None,
            *recording_status(inquiry.recorded, inquiry.answered),
        )
        for inquiry in inquiries
    ]


def recording_status(recorded, answered):
    """The label and colour of how far the recording of an inquiry is."""
    if not recorded:
        return "No recommendations yet", "blue"
    if answered < recorded:
        return f"{answered} of {recorded} answered", "light-blue"
    return "To publish", "yellow"


def agenda_tasks(today):
    published = AgendaPack.objects.public().filter(meeting=OuterRef("pk"), supplement=0)
    meetings = (
        Meeting.objects.filter(start__gte=beginning_of(today), cancelled_at__isnull=True)
        .select_related("committee")
        .annotate(has_agenda=Exists(published))
        .order_by("start", "pk")[:MOST_TASKS]
    )
    return [agenda_task(meeting, today) for meeting in meetings]


def beginning_of(day):
    """The moment; compared with a date instead, PostgreSQL does not know how few meetings it will find."""
    return timezone.make_aware(datetime.combine(day, time()))


def minutes_tasks(today):
    """The meetings of the last weeks of which something is still to be recorded or published."""
    now, first = timezone.now(), beginning_of(today - timedelta(days=MINUTES_DAYS))
    held = Meeting.objects.filter(start__gte=first, start__lte=now, cancelled_at__isnull=True)
    items = AgendaItem.objects.on_agenda().filter(meeting=OuterRef("pk"))
    waiting = Q(has_attendance=False) | Q(lacks_outcomes=True) | Q(has_edition=False)
    unsigned = Q(has_signed=False, has_later_meeting=True)
    meetings = with_minutes_state(held.filter(Exists(items)), now).filter(waiting | unsigned)
    return [
        minutes_task(meeting) for meeting in meetings.select_related("committee").order_by("start", "pk")[:MOST_TASKS]
    ]


def minutes_task(meeting):
    name, href = f"{meeting.committee.name}, {long_date(meeting.day)}", reverse("clerk:minutes", args=[meeting.pk])
    if not meeting.has_attendance:
        return Task(name, href, "", None, "Attendance", "blue")
    if meeting.lacks_outcomes:
        return Task(name, href, "", None, "Outcomes", "blue")
    if not meeting.has_edition:
        return Task(name, href, "", None, "To publish", "yellow")
    return Task(name, href, "", None, "Signed minutes", "light-blue")


TO_DO = "To do"


def minutes_steps(meeting):
    """What is to be done after a meeting, as Tasks; `meeting` comes `with_minutes_state`."""
    address = partial(reverse, args=[meeting.pk])
    is_complete = meeting.has_attendance and not meeting.lacks_outcomes
    return [
        step("Attendance, apologies, declarations", address("clerk:attendance"), meeting.has_attendance),
        step("Outcome of every item", address("clerk:outcomes"), not meeting.lacks_outcomes),
        step(
            "Publish what was decided",
            address("clerk:publish_minutes") if is_complete or meeting.has_edition else "",
            meeting.has_edition,
            waits="" if is_complete or meeting.has_edition else "When the others are done",
        ),
        step(
            "Signed minutes",
            address("clerk:add_signed_minutes"),
            meeting.has_signed,
            waits="" if meeting.has_later_meeting else "After the next meeting",
        ),
    ]


def step(name, href, is_done, waits=""):
    if is_done:
        return Task(name, href, "", None, "Done", "")
    return Task(name, href, "", None, waits or TO_DO, "" if waits else "blue")


def agenda_task(meeting, today):
    name, href = f"{meeting.committee.name}, {long_date(meeting.day)}", reverse("clerk:agenda", args=[meeting.pk])
    if meeting.has_agenda:
        return Task(name, href, "", None, "Agenda published", "green")
    due = meeting.deadlines.publication
    return deadline_task(name, href, "Last day to publish the agenda", due, today, "To publish")
