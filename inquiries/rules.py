"""What the procedure says: the life of a progress report, deadlines, completeness.

No users, no queries, no clock: every rule takes what it needs, `today` included.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays
from django.core.exceptions import PermissionDenied

from inquiries.choices import (
    ACCEPTED_DECISIONS,
    Decision,
    Ending,
    LetterStep,
    NextStep,
    OfficerReportState,
    OfficerView,
    Rating,
    Stage,
    StandingKind,
)


class Refused(PermissionDenied):
    """Something that may not be done, by this person or not now. The message is the sentence people read."""


# --- The life of a progress report -------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One line of the lifecycle: `verb` is the action, None as `before` means there is no report yet."""

    verb: str
    label: str
    before: tuple[Stage | None, ...]
    after: tuple[Stage, ...]
    needs: str
    notified: str = ""


STEPS = {
    step.verb: step
    for step in (
        Step(
            "commission",
            "Commission updates",
            (None,),
            (Stage.COMMISSIONED,),
            "Cabinet has responded, at least one accepted recommendation is still open, and no deadline has passed",
            "lead officers",
        ),
        Step(
            "save_update",
            "Save an update",
            (Stage.COMMISSIONED,),
            (Stage.COMMISSIONED,),
            "The update is open; a changed text withdraws any sign-off",
        ),
        Step(
            "submit_update",
            "Submit an update",
            (Stage.COMMISSIONED,),
            (Stage.COMMISSIONED, Stage.AWAITING_SIGN_OFF),
            "The update has text; the last one submitted moves the report on",
            "Cabinet Members, when the last update is submitted",
        ),
        Step(
            "close_updates",
            "Close updates early",
            (Stage.COMMISSIONED,),
            (Stage.AWAITING_SIGN_OFF,),
            "The clerk says that no more updates will come",
            "Cabinet Members",
        ),
        Step(
            "return_update",
            "Return an update",
            # A Cabinet Member may return several, one after the other: the first already reopens the report.
            (Stage.COMMISSIONED, Stage.AWAITING_SIGN_OFF),
            (Stage.COMMISSIONED,),
            "It has been submitted; a note says what needs to change; only that update is reopened",
            "the update's lead officer and contributors",
        ),
        Step(
            "sign_off",
            "Sign off",
            (Stage.AWAITING_SIGN_OFF,),
            (Stage.AWAITING_SIGN_OFF, Stage.SIGNED_OFF),
            "Every Cabinet Member named for the report signs; the last one moves it on",
            "clerks, when the last Cabinet Member has signed",
        ),
        Step(
            "publish",
            "Publish",
            (Stage.SIGNED_OFF,),
            (Stage.PUBLISHED,),
            "Text and files are kept as printed",
            "committee members",
        ),
        Step(
            "indicate",
            "Note an indication",
            (Stage.PUBLISHED,),
            (Stage.PUBLISHED,),
            "A member's own view before the meeting",
        ),
        Step(
            "assess",
            "Record an assessment",
            (Stage.PUBLISHED,),
            (Stage.PUBLISHED,),
            "Row by row; a row may be left for later",
        ),
        Step(
            "confirm_assessments",
            "Confirm the assessments",
            (Stage.PUBLISHED,),
            (Stage.ASSESSED,),
            "The meeting has begun; ratings become public; rows assessed as implemented are closed",
            "lead officers, contributors and Cabinet Members who signed",
        ),
        Step(
            "correct_assessment",
            "Correct an assessment",
            (Stage.ASSESSED,),
            (Stage.ASSESSED,),
            "A reason, on record and published; what was published before stays listed",
            "lead officers and contributors of the row",
        ),
        Step(
            "reopen",
            "Reopen",
            (Stage.AWAITING_SIGN_OFF, Stage.SIGNED_OFF, Stage.PUBLISHED, Stage.ASSESSED),
            (Stage.COMMISSIONED, Stage.AWAITING_SIGN_OFF, Stage.SIGNED_OFF, Stage.PUBLISHED),
            "A reason, on record; what was published stays listed",
            "lead officers and Cabinet Members concerned",
        ),
    )
}

# The dated facts of a report in the order in which they happen, and the stage that each brings about.
FACTS = (
    ("commissioned", Stage.COMMISSIONED),
    ("collected", Stage.AWAITING_SIGN_OFF),
    ("signed_off", Stage.SIGNED_OFF),
    ("published", Stage.PUBLISHED),
    ("assessed", Stage.ASSESSED),
)
STAGES = tuple(stage for _, stage in FACTS)


def stage_of(report):
    """The stage that follows from the dated facts of `report` (anything with `collected_at` and so on)."""
    reached = [stage for fact, stage in FACTS if getattr(report, f"{fact}_at") is not None]
    return reached[-1] if reached else Stage.COMMISSIONED


TOO_EARLY_OR_LATE = {
    Stage.COMMISSIONED: "the updates are still being collected",
    Stage.AWAITING_SIGN_OFF: "the report is waiting for sign-off",
    Stage.SIGNED_OFF: "the report has been signed off",
    Stage.PUBLISHED: "the report has been published",
    Stage.ASSESSED: "the committee's assessments have been confirmed",
}


def check_step(verb, stage):
    step = STEPS[verb]
    if stage not in step.before:
        raise Refused(f"“{step.label}” cannot be done now: {TOO_EARLY_OR_LATE[stage]}.")


def check_update_is_open(update):
    """Raise Refused unless the words of this update may be changed."""
    stage = stage_of(update.report)
    if stage != Stage.COMMISSIONED:
        raise Refused(f"This update can no longer be changed: {TOO_EARLY_OR_LATE[stage]}.")
    if update.submitted_at is not None:
        raise Refused("This update has been submitted and can no longer be changed.")
    if update.closed_at is not None:
        raise Refused("The clerk has closed this update, because none was received in time.")


def check_can_be_returned(update):
    check_step("return_update", stage_of(update.report))
    if update.submitted_at is None and update.closed_at is None:
        raise Refused("This update is still being written, so there is nothing to return.")


def check_can_go_back(stage, to):
    check_step("reopen", stage)
    if STAGES.index(to) >= STAGES.index(stage):
        raise Refused("A report can only be reopened at an earlier stage than the one it has reached.")


# --- Officer reports ---------------------------------------------------------------------------------


def check_officer_report_is_current(report):
    if report.cancelled_at is not None:
        raise Refused("This report has been cancelled.")
    if report.meeting.cancelled_at is not None:
        raise Refused("The meeting of this report has been cancelled.")
    if report.item.removed_at is not None:
        raise Refused("The item of this report has been removed from the agenda.")


def check_officer_report_can_move(report, meeting):
    """Raise Refused unless it can go to `meeting` instead of its own, which may have been cancelled or held."""
    if report.cancelled_at is not None:
        raise Refused("This report has been cancelled.")
    if meeting.pk == report.meeting.pk and report.item.removed_at is None:
        raise Refused("This report is for this meeting already.")
    if meeting.committee_id != report.meeting.committee_id:
        raise Refused("This meeting is of another committee.")
    if meeting.cancelled_at is not None:
        raise Refused("This meeting has been cancelled. Choose another.")


def check_officer_report_is_open(report):
    """Raise Refused unless the text of this officer report may be changed."""
    check_officer_report_is_current(report)
    if report.signed_off_at is not None:
        raise Refused("This report has been signed off. A clerk can reopen it.")
    if report.submitted_at is not None:
        raise Refused("This report has been submitted and waits for sign-off, so it cannot be changed.")


def check_officer_report_awaits_sign_off(report):
    check_officer_report_is_current(report)
    if report.submitted_at is None:
        raise Refused("This report is still being written.")
    if report.signed_off_at is not None:
        raise Refused("This report has been signed off. A clerk can reopen it.")


def check_officer_report_can_be_signed(signature):
    check_officer_report_awaits_sign_off(signature.report)
    if signature.signed_at is not None:
        raise Refused("This has already been signed off.")


def check_officer_report_can_be_reopened(report):
    check_officer_report_is_current(report)
    if report.submitted_at is None:
        raise Refused("This report is open already: it is still being written.")


def allows(check, *facts):
    """Whether one of these checks, asked about these facts, raises no Refused."""
    try:
        check(*facts)
    except Refused:
        return False
    return True


def check_was_held(meeting, now):
    """Raise Refused unless the committee can have decided at `meeting`: it has begun, and was not cancelled."""
    if meeting is None:
        raise Refused("Choose the meeting at which the committee made its assessments.")
    day = f"{meeting.day.day} {meeting.day:%B %Y}"
    if meeting.cancelled_at is not None:
        raise Refused(f"The meeting on {day} was cancelled. Choose the one at which the committee decided.")
    if meeting.start > now:
        raise Refused(f"The committee decides at its meeting on {day}, which has not begun.")


def has_begun(meeting, now):
    """Whether the committee can have decided at `meeting`, as `check_was_held` says."""
    return allows(check_was_held, meeting, now)


GOOD_RATINGS = (Rating.IMPLEMENTED, Rating.ON_TRACK)
GOOD_VIEWS = (OfficerView.COMPLETE, OfficerView.ON_TRACK)


def attention_reasons(*, officer_view, target_date, last_rating, member_ratings, day):
    """Why a committee may want to take this row first: red, overdue or in dispute; empty where nothing says so.

    `last_rating` is the committee's in the report before, `member_ratings` what members noted; `day` is the meeting's.
    """
    reasons = []
    if last_rating and last_rating not in GOOD_RATINGS:
        reasons.append(f"{Rating(last_rating).label} last time")
    if officer_view == OfficerView.OFF_TRACK:
        reasons.append("Off track, the lead officer says")
    if target_date and target_date < day and officer_view != OfficerView.COMPLETE:
        reasons.append("Target date has passed")
    views = {rating in GOOD_RATINGS for rating in member_ratings}
    if len(views) > 1:
        reasons.append("Members differ")
    elif officer_view and views and views != {officer_view in GOOD_VIEWS}:
        reasons.append("Members and the lead officer differ")
    elif officer_view in GOOD_VIEWS and last_rating and last_rating not in GOOD_RATINGS:
        reasons.append("The lead officer is content")
    return tuple(reasons)


# Asked by the rule, the form and the constraint.
LONGEST_TEXT = 20_000  # characters of a progress update, and of its exempt part
LONGEST_COMMENT = 10_000  # characters of what the committee, or one of its members, says of a row
NOTHING_TO_SUBMIT = "Write what has been done before you submit the update."
EXPECTED_DAY_PASSED = (
    "This day has passed. Say when you expect it now, or leave the date empty where it is done or nobody can say."
)


def why_not_submitted(text, exempt_text, forecast_date, today):
    """Why an update cannot be submitted as it is: {field: sentence}, empty where nothing stands against it."""
    reasons = {}
    if not (text.strip() or exempt_text.strip()):
        reasons["text"] = NOTHING_TO_SUBMIT
    if forecast_date is not None and forecast_date < today:
        reasons["forecast_date"] = EXPECTED_DAY_PASSED
    return reasons


def is_accepted(decision):
    return decision in ACCEPTED_DECISIONS


def needs_reason(decision):
    """Whether Cabinet owes a reason: it always does unless it accepted the recommendation as it is."""
    return decision != Decision.ACCEPTED


def is_concern(rating):
    """Whether the committee may ask for an action."""
    return rating in (Rating.CONCERNS, Rating.NOT_DELIVERED)


def check_needs_action(stage, rating):
    if stage not in (Stage.PUBLISHED, Stage.ASSESSED):
        raise Refused(f"An action cannot be set now: {TOO_EARLY_OR_LATE[stage]}.")
    if not is_concern(rating):
        raise Refused("An action is set where the committee has concerns, or considers the row not delivered.")


def check_can_end_at_meeting(stage, meeting, now):
    """Raise Refused unless recommendations of a report at `stage` can be ended at its meeting."""
    if stage not in (Stage.PUBLISHED, Stage.ASSESSED):
        raise Refused(f"Recommendations cannot be ended at its meeting now: {TOO_EARLY_OR_LATE[stage]}.")
    check_was_held(meeting, now)


def ending_of(rating):
    """How the recommendations of a row end when this rating is confirmed; None where they go on."""
    return Ending.IMPLEMENTED if rating == Rating.IMPLEMENTED else None


# --- Numbers of recommendations ----------------------------------------------------------------------

PARTS = re.compile(r"\d+|[a-z]+")
REFERENCE = re.compile(r"[^/?#\s](?:[^?#\n\r\t]{0,22}[^/?#\s])?")


def natural_key(reference):
    """A key by which references sort as people count: "2" before "10", "1a" before "1b", "8.3" before "8.17".

    Two references with the same key are the same number ("1A" and "1a", "R07" and "r7").
    """
    parts = PARTS.findall(reference.lower())
    return ".".join(part.lstrip("0").zfill(6) if part.isdigit() else part for part in parts)


def is_reference(reference):
    """Whether this can be a recommendation's number, in a table and in an address."""
    return bool(REFERENCE.fullmatch(reference)) and bool(natural_key(reference))


def reference_in_address(reference):
    """A number as it is in web addresses. It is found by its letters and digits, so a slash can be a hyphen."""
    return reference.replace("/", "-")


def bare_number(reference):
    """The number that lettered parts share: "1" for "1a" and "1 b)", "R7" for "R7a"; else the reference itself."""
    match = re.fullmatch(r"(.*?\d)\s*\(?[a-z]\)?(?:\s*\(?(?:[ivx]+|[a-z])\)?)?", reference.strip(), re.IGNORECASE)
    return match.group(1) if match else reference


def lead_officer_numbers(led, accepted=()):
    """Who answers for which numbers, as the template's header line has it.

    `led` is a sequence of (reference, name or "") for every recommendation in the table, in order; `accepted`
    the same for accepted ones that are no longer in it, and for those that wait for a response. An officer who leads
    every one of these parts of a number is shown with the bare number: Lloyd Jeffries (1, 2, 3, 9).
    Returns a tuple of (name, numbers) in the order of first mention.
    """
    leaders = {}
    for reference, name in (*led, *accepted):
        leaders.setdefault(bare_number(reference), set()).add(name)
    numbers = {}
    for reference, name in led:
        if name:
            bare = bare_number(reference)
            shown = bare if leaders[bare] == {name} else reference
            mine = numbers.setdefault(name, [])
            if shown not in mine:
                mine.append(shown)
    return tuple((name, tuple(mine)) for name, mine in numbers.items())


PLAIN_NUMBER = re.compile(r"(\d{1,3})\s*\(?([a-z]?)\)?", re.IGNORECASE)


def missing_numbers(references):
    """The numbers that no reference bears, in order: 3b, 4 and 7 of 1a, 1b, 2, 3a, 5, 6, 8.

    A lone part suggests its neighbour: where there is a "3a" there was a "3b". Only plain numberings (digits, perhaps a
    letter) have gaps that mean something; of others, ().
    """
    plain = [PLAIN_NUMBER.fullmatch(reference.strip()) for reference in references]
    if not plain or not all(plain):
        return ()
    parts = {}
    for match in plain:
        parts.setdefault(int(match.group(1)), set()).add(match.group(2).lower())
    missing = []
    for number in range(1, max(parts) + 1):
        letters = parts.get(number, set()) - {""}
        if number not in parts:
            missing.append(str(number))
        elif letters:
            last = max(*letters, "b")
            expected = (chr(code) for code in range(ord("a"), ord(last) + 1))
            missing += [f"{number}{letter}" for letter in expected if letter not in letters]
    return tuple(missing)


# --- Deadlines ---------------------------------------------------------------------------------------


@lru_cache
def bank_holidays(year):
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


@dataclass(frozen=True)
class ClearDays:
    """How this council counts. The statute leaves the words undefined; constitutions define them."""

    saturday_counts: bool = False
    christmas_eve_excluded: bool = False
    # Days that do not count here, beside the bank holidays: a day of mourning, say.
    extra_holidays: frozenset[date] = frozenset()

    def is_counted(self, day):
        if day.weekday() == 6 or (day.weekday() == 5 and not self.saturday_counts):
            return False
        if self.christmas_eve_excluded and (day.month, day.day) == (12, 24):
            return False
        return day not in bank_holidays(day.year) and day not in self.extra_holidays

    def before(self, day, count):
        """The latest date with `count` clear days between it and `day`, itself a day of the count."""
        current = day
        while count:
            current -= timedelta(days=1)
            count -= self.is_counted(current)
        current -= timedelta(days=1)
        while not self.is_counted(current):
            current -= timedelta(days=1)
        return current

    def after(self, day, count):
        """The day of the count that comes `count` after `day`."""
        while count:
            day += timedelta(days=1)
            count -= self.is_counted(day)
        return day


def publication_due(meeting_day, counting=ClearDays()):
    """The last day on which the agenda may be published: five clear days before the meeting.

    Local Government Act 1972, section 100B; SI 2002/715. Neither the day of publication nor that of the
    meeting counts, nor weekends and bank holidays.
    """
    return counting.before(meeting_day, 5)


def working_days_before(day, count, counting=ClearDays()):
    return counting.before(day, count - 1) if count else day


def first_meeting_day(today, deadlines_of):
    """The first day of a meeting for which updates would be due today or later; `deadlines_of` takes a day."""
    day = today
    while deadlines_of(day).updates < today:
        day += timedelta(days=1)
    return day


# How many months after Cabinet's response a committee is told of progress, unless the council settles it otherwise.
REPORT_MONTHS = (6, 12)


def add_months(day, months):
    """The same day of the month so many months on, or the last of a month that is too short for it."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def next_report_months(last, report_months=REPORT_MONTHS):
    """Of how many months on the report after that of `last` months (0: there was none) is: 6, 12, then 18, 24 ..."""
    months = sorted(set(report_months))
    if later := [one for one in months if one > last]:
        return later[0]
    step = months[-1] - months[-2] if len(months) > 1 else months[-1]
    return months[-1] + ((last - months[-1]) // step + 1) * step


def is_usual_month(months_on, passed):
    """Whether a report so many months on comes as councils bring them: at most a month early, or at the next meeting
    or two after its date. In 2022 the "6 months" of one county came after 7 and 9, its "12 months" after 16."""
    return months_on - 1 <= passed <= months_on + max(3, months_on // 3)


@dataclass(frozen=True)
class ReminderTimes:
    """When people are reminded of what is due on a day; None for days that never come."""

    days_before: tuple[int, ...] = (7, 1)
    on_the_day: bool = True
    # The first day that it is late, then each time after so many days.
    days_after: int | None = 7
    # After so many days late those answerable for it are told.
    escalate_after: int | None = 7


# Of an action that a committee asks for: once before, once when it is late (and not again in a hundred years).
ACTION_REMINDERS = ReminderTimes(days_before=(7,), on_the_day=False, days_after=36_500, escalate_after=None)


def reminder_day(due, today, times):
    """Of the days on which a reminder of what is due on `due` is wanted, the last that has come; None before the first.

    Who has had an e-mail about it since then needs none: a day on which no worker ran loses nobody a reminder.
    """
    late = (today - due).days
    if late > 0:
        return due + timedelta(days=1 + (late - 1) // times.days_after * times.days_after) if times.days_after else None
    reached = [days for days in (*times.days_before, *([0] if times.on_the_day else [])) if -late <= days]
    return due - timedelta(days=min(reached)) if reached else None


def escalation_day(due, today, times):
    """The day on which it is late enough to be escalated, once that has come."""
    day = due + timedelta(days=times.escalate_after) if times.escalate_after else None
    return day if day and day <= today else None


# Working days to write an update again. No statute says; councils give a week, so that it can still be signed.
RETURN_DAYS = 5


def return_due(today, sign_off_due_on, counting=ClearDays()):
    """The last day for an update that is returned today: RETURN_DAYS on, not after sign-off, but never at once."""
    return max(counting.after(today, 1), min(counting.after(today, RETURN_DAYS), sign_off_due_on or date.max))


def update_due(updates_due_on, extended_until, sign_off_due_on, return_due_on):
    """The last day for an update: its report's, or a later one that a clerk has granted, but not past sign-off.

    One that was returned has until the day that was given then, where that is later.
    """
    if updates_due_on is None:
        return None
    until_sign_off = min(max(updates_due_on, extended_until), sign_off_due_on or date.max) if extended_until else None
    return max(until_sign_off or updates_due_on, return_due_on or date.min)


def check_more_time(day, due_on, last_day, today):
    """Raise Refused unless an update can be due on `day` instead of `due_on`, with the dates that would work.

    `last_day` is the last on which the report can still be signed off or published in time.
    """
    first = first_later_day(due_on, today)
    if last_day is not None and last_day < first:
        raise Refused(
            f"No later date works: the report has to be signed off or published by {in_words(last_day)}. A clerk can "
            "move the report to a later meeting."
        )
    until = f" to {in_words(last_day)}" if last_day else " on"
    if day < first or (last_day is not None and day > last_day):
        raise Refused(f"{in_words(day)} does not work. Choose a date from {in_words(first)}{until}.")


def first_later_day(due_on, today):
    return max(due_on + timedelta(days=1), today)


def in_words(day):
    return f"{day.day} {day:%B %Y}"


def response_due(received_on, notice_on=None, *, health=False):
    """The last day for Cabinet's response, or None while nothing has been received.

    Local Government Act 2000, section 9FE: two months beginning with the day of receipt of the report or, if
    later, of the notice; so the day before the same day number two months on. Health scrutiny (SI 2013/218,
    regulation 22): 28 days from the request.
    """
    if received_on is None:
        return None
    start = max(received_on, notice_on or received_on)
    if health:
        return start + timedelta(days=28)
    month = start.month + 2
    year, month = start.year + (month - 1) // 12, (month - 1) % 12 + 1
    last = calendar.monthrange(year, month)[1]
    # Where the month is too short for the day number, the period ends with the month itself.
    return date(year, month, start.day) - timedelta(days=1) if start.day <= last else date(year, month, last)


REMINDER_BEFORE = timedelta(days=7)
BETWEEN_LETTERS = timedelta(days=14)


def next_letter(due, sent, today):
    """(the next letter about a response due on `due`, its day); (None, the day of the public sentence) after the last.

    `sent` is {step: day}. Once the date has passed the reminder is left out; the first letter goes out the day after
    it, each later one two weeks after the one before.
    """
    step = next((one for one in LetterStep if one not in sent and (one != LetterStep.REMINDER or today <= due)), None)
    if step == LetterStep.REMINDER:
        return step, due - REMINDER_BEFORE
    if step == LetterStep.FIRST:
        return step, due + timedelta(days=1)
    return step, max(sent.values()) + BETWEEN_LETTERS


def check_letter(step, due, sent, today):
    """Raise Refused unless this is the letter that can be sent now."""
    if step in sent:
        raise Refused(f"The {step.label.lower()} has already been sent.")
    wanted, _ = next_letter(due, sent, today)
    if step == LetterStep.REMINDER and today > due:
        raise Refused(f"The response was due on {in_words(due)}: send the first letter.")
    if step != LetterStep.REMINDER and today <= due:
        raise Refused(f"The response is due on {in_words(due)}, so it is not overdue yet.")
    if step != wanted:
        raise Refused(f"The {wanted.label.lower()} comes before the {step.label.lower()}.")


@dataclass(frozen=True)
class Deadlines:
    """The dates of one round, latest first to work out, earliest first to read."""

    updates: date
    sign_off: date
    publication: date


@lru_cache(maxsize=1000)
def deadlines(meeting_day, counting=ClearDays(), *, sign_off_days=5, update_days=10):
    """The deadlines of a report for a meeting, worked out backwards.

    Sign-off is due `sign_off_days` working days before publication, updates `update_days` before that.
    """
    publication = publication_due(meeting_day, counting)
    sign_off = working_days_before(publication, sign_off_days, counting)
    return Deadlines(working_days_before(sign_off, update_days, counting), sign_off, publication)


# What nearly every meeting of a select committee begins and ends with, in this order.
USUAL_START = (
    "Apologies for absence",
    "Declarations of interest",
    "Minutes of the last meeting",
)
USUAL_END = ("Work programme", "Date of next meeting")
STANDING_KINDS = {
    StandingKind.MINUTES: re.compile(r"(confirmation of |approval of )?(the )?minutes\b(?!.*\bgroup\b)", re.IGNORECASE),
    StandingKind.WORK_PROGRAMME: re.compile(r"(the |committee )?work programme\b", re.IGNORECASE),
    StandingKind.NEXT_MEETING: re.compile(r"dates? (and time )?of (the )?(next|future) meetings?\b", re.IGNORECASE),
}


def standing_kind(title):
    """Which of the items that are filled in from data a title names; None for another one."""
    return next((kind for kind, begins in STANDING_KINDS.items() if begins.match(title)), None)


def is_same_standing_item(one, other):
    """Whether two titles name the same item of an agenda: "Minutes", "Minutes of the meeting held on 3 March"."""
    kind = standing_kind(one)
    return kind == standing_kind(other) if kind else one.casefold().split() == other.casefold().split()


def place_on_agenda(ranks, rank):
    """The number of a new item of this rank: behind the last one whose rank (of `ranks`, in their order) is not above
    its own."""
    return max((number for number, one in enumerate(ranks, start=1) if one <= rank), default=0) + 1


# The next right step of a clerk's page: its one green button


def next_step_of_report(stage, *, wants_more_time=False, is_late=False, is_signed_by=True, has_meeting=False):
    """`is_signed_by` says whether a Cabinet Member is named, `has_meeting` whether one is to come."""
    if wants_more_time:
        return NextStep.DECIDE_MORE_TIME
    if is_late:
        return NextStep.REMIND
    if stage == Stage.AWAITING_SIGN_OFF:
        return NextStep.SEE_SIGN_OFF if is_signed_by else NextStep.NAME_SIGNER
    if stage == Stage.SIGNED_OFF:
        # It is published with the pack.
        return NextStep.SEE_AGENDA if has_meeting else NextStep.PUBLISH
    return {Stage.PUBLISHED: NextStep.ASSESS, Stage.ASSESSED: NextStep.COMMISSION}.get(stage, NextStep.READ_REPORT)


def next_step_of_officer_report(state, *, wants_more_time=False, is_late=False):
    if state == OfficerReportState.SIGNED_OFF:
        return NextStep.SEE_AGENDA
    if wants_more_time:
        return NextStep.DECIDE_MORE_TIME
    if is_late:
        return NextStep.REMIND_NOW
    return NextStep.SEE_SIGNERS if state == OfficerReportState.AWAITING_SIGN_OFF else NextStep.SEE_REPORT


def next_step_of_meeting(
    *,
    is_cancelled=False,
    has_begun=False,
    to_assess=False,
    lacks_minutes=False,
    is_proposed=False,
    is_empty=False,
    lacks_papers=False,
    lacks_sign_off=False,
    is_published=False,
):
    """`to_assess`: a report waits for the committee's assessment; `is_published`: all of it, as it is now."""
    if is_cancelled:
        return NextStep.CALL_MEETING
    if has_begun:
        return NextStep.ASSESS if to_assess else NextStep.WRITE_MINUTES if lacks_minutes else NextStep.SEE_MEETING
    if is_published:
        return NextStep.SEE_MEETING
    if is_proposed:
        return NextStep.CHOOSE_PROPOSALS
    if is_empty:
        return NextStep.ADD_ITEM
    if lacks_papers:
        return NextStep.ADD_PAPER
    return NextStep.SEE_REPORT if lacks_sign_off else NextStep.OPEN_PACK


def next_step_of_pack(*, is_being_built=False, is_built=False, is_published=False):
    """`is_built` and `is_published`: all its editions, as the agenda is now."""
    if is_being_built:
        return NextStep.WAIT_FOR_PACK
    if not is_built:
        return NextStep.BUILD_PACK
    return NextStep.SEE_AGENDA if is_published else NextStep.CHECK_PACK
