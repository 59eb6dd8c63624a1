"""The vocabulary: every set of fixed words the application knows, said once.

Nothing here asks the database, the clock or a person.
"""

from django.db.models import IntegerChoices, TextChoices


class Decision(TextChoices):
    """What Cabinet, or another body, answered to a recommendation."""

    ACCEPTED = "accepted", "Accepted"
    IN_PART = "in_part", "Accepted in part"
    IN_PRINCIPLE = "in_principle", "Accepted in principle"
    NOT_ACCEPTED = "not_accepted", "Not accepted"
    DEFERRED = "deferred", "Deferred"
    # Aimed at a person who is not the council: Cabinet can only support it.
    ANOTHER_BODY = "another_body", "For another body"


# Accepted, fully or in part: progress on these is reported.
ACCEPTED_DECISIONS = frozenset({Decision.ACCEPTED, Decision.IN_PART, Decision.IN_PRINCIPLE})


class Ending(TextChoices):
    """How a recommendation came to its end. Until it has one, it comes back in every report."""

    IMPLEMENTED = "implemented", "Implemented"
    NOT_DELIVERED = "not_delivered", "Closed as not delivered"
    SUPERSEDED = "superseded", "Superseded"
    NO_LONGER_FEASIBLE = "no_longer_feasible", "No longer feasible"
    TRANSFERRED = "transferred", "Transferred to another body"
    # Withdrawn by the committee itself, usually before Cabinet answered.
    WITHDRAWN = "withdrawn", "Withdrawn by the committee"


# It came to nothing through nobody's fault: not counted among what was accepted and is to be implemented.
NOT_COUNTED_ENDINGS = (Ending.SUPERSEDED, Ending.TRANSFERRED, Ending.WITHDRAWN)


class Rating(IntegerChoices):
    """The committee's assessment of progress (RAG status): exactly the template's four.

    The label is the short form; `guidance` holds the template's own words. Symbols and colours
    are in `RATING_SIGNS`. The template marks "on track" with a star; the other three symbols are ours.
    """

    IMPLEMENTED = 1, "Implemented"
    ON_TRACK = 2, "On track"
    CONCERNS = 3, "Concerns"
    NOT_DELIVERED = 4, "Not delivered"

    @property
    def symbol(self):
        return RATING_SIGNS[self][0]

    @property
    def colour(self):
        """A key of `RATING_COLOURS`."""
        return RATING_SIGNS[self][1]

    @property
    def guidance(self):
        return RATING_GUIDANCE[self]


RATING_SIGNS = {
    Rating.IMPLEMENTED: ("✓", "green"),
    Rating.ON_TRACK: ("★", "teal"),
    Rating.CONCERNS: ("!", "amber"),
    Rating.NOT_DELIVERED: ("✗", "red"),
}

# (of text and border, of the background). Page, PDF and Word use these; the stylesheet repeats them.
RATING_COLOURS = {
    "green": ("#005a30", "#e3f2e8"),
    "teal": ("#0b5d57", "#dff1ef"),
    "amber": ("#7a4b00", "#fff1d6"),
    "red": ("#942514", "#fae4e0"),
}

# Word for word from the committee's template of 2015, the uneven full stops included.
RATING_GUIDANCE = {
    Rating.IMPLEMENTED: "Recommendation implemented to the satisfaction of the committee.",
    Rating.ON_TRACK: "Recommendation on track to be completed to the satisfaction of the committee.",
    Rating.CONCERNS: "Committee have concerns the recommendation may not be fully delivered to its satisfaction",
    Rating.NOT_DELIVERED: "Committee consider the recommendation to have not been delivered/implemented",
}

# The template prints the guidance two by two: the good ones on the left, the bad ones on the right.
GUIDANCE_GRID = (
    (Rating.IMPLEMENTED, Rating.CONCERNS),
    (Rating.ON_TRACK, Rating.NOT_DELIVERED),
)

TO_BE_ASSESSED = "to be assessed"


class OfficerView(TextChoices):
    """The lead officer's own view of progress, kept apart from the committee's verdict."""

    COMPLETE = "complete", "Complete"
    ON_TRACK = "on_track", "On track"
    SOME_CONCERNS = "some_concerns", "Some concerns"
    OFF_TRACK = "off_track", "Off track"
    NOT_STARTED = "not_started", "Not started"


class Stage(TextChoices):
    """The stage of a progress report. Never stored: worked out from its dated facts."""

    COMMISSIONED = "commissioned", "Collecting updates"
    AWAITING_SIGN_OFF = "awaiting_sign_off", "Awaiting sign-off"
    SIGNED_OFF = "signed_off", "Signed off"
    PUBLISHED = "published", "Published"
    ASSESSED = "assessed", "Assessed"


class BoardStep(TextChoices):
    """What a round, on the clerk's board, waits for."""

    RESPONSE = "response", "Cabinet’s response"
    COMMISSION = "commission", "Commissioning"
    UPDATES = "updates", "Updates"
    SIGN_OFF = "sign_off", "Sign-off"
    PUBLICATION = "publication", "Publication"
    ASSESSMENT = "assessment", "Assessment"

    @classmethod
    def of_stage(cls, stage):
        return BOARD_STEPS[stage]


BOARD_STEPS = {
    Stage.COMMISSIONED: BoardStep.UPDATES,
    Stage.AWAITING_SIGN_OFF: BoardStep.SIGN_OFF,
    Stage.SIGNED_OFF: BoardStep.PUBLICATION,
    Stage.PUBLISHED: BoardStep.ASSESSMENT,
}


class UpdateState(TextChoices):
    """How far a progress update is. Never stored: worked out from its dated facts."""

    NOT_STARTED = "not_started", "Not started"
    DRAFT = "draft", "Draft saved"
    RETURNED = "returned", "Returned"
    SUBMITTED = "submitted", "Submitted"
    NOT_RECEIVED = "not_received", "Not received"

    @property
    def colour(self):
        """The colour of its tag in the GOV.UK Design System."""
        return UPDATE_STATE_COLOURS[self]


UPDATE_STATE_COLOURS = {
    UpdateState.NOT_STARTED: "grey",
    UpdateState.DRAFT: "light-blue",
    UpdateState.RETURNED: "orange",
    UpdateState.SUBMITTED: "green",
    UpdateState.NOT_RECEIVED: "grey",
}


class OfficerReportState(TextChoices):
    """How far an officer report is. Never stored: worked out from its dated facts."""

    NOT_STARTED = "not_started", "Not started"
    DRAFT = "draft", "Draft saved"
    RETURNED = "returned", "Returned"
    AWAITING_SIGN_OFF = "awaiting_sign_off", "Awaiting sign-off"
    SIGNED_OFF = "signed_off", "Signed off"
    CANCELLED = "cancelled", "Cancelled"

    @property
    def colour(self):
        return OFFICER_REPORT_STATE_COLOURS[self]


OFFICER_REPORT_STATE_COLOURS = {
    OfficerReportState.NOT_STARTED: "grey",
    OfficerReportState.DRAFT: "light-blue",
    OfficerReportState.RETURNED: "orange",
    OfficerReportState.AWAITING_SIGN_OFF: "blue",
    OfficerReportState.SIGNED_OFF: "green",
    OfficerReportState.CANCELLED: "grey",
}


class SignatureRole(TextChoices):
    """As what a person signs an officer report."""

    DIRECTOR = "director", "Director"
    CABINET_MEMBER = "cabinet_member", "Cabinet Member"


class TrackerState(TextChoices):
    """How far a recommendation is: what the tracker shows and filters by. The database works it out."""

    RESPONSE_AWAITED = "response_awaited", "Response awaited"
    NOT_REPORTED_ON = "not_reported_on", "Not reported on"  # Cabinet has not accepted it
    BETWEEN_REPORTS = "between_reports", "Between reports"
    NOT_STARTED = UpdateState.NOT_STARTED.value, "Update not started"
    DRAFT = UpdateState.DRAFT.value, "Update drafted"
    RETURNED = UpdateState.RETURNED.value, "Update returned"
    SUBMITTED = UpdateState.SUBMITTED.value, "Update submitted"
    NOT_RECEIVED = UpdateState.NOT_RECEIVED.value, "Update not received"
    AWAITING_SIGN_OFF = Stage.AWAITING_SIGN_OFF.value, "Awaiting sign-off"
    SIGNED_OFF = Stage.SIGNED_OFF.value, "Signed off"
    PUBLISHED = Stage.PUBLISHED.value, "Published, to be assessed"
    IMPLEMENTED = Ending.IMPLEMENTED.value, Ending.IMPLEMENTED.label
    NOT_DELIVERED = Ending.NOT_DELIVERED.value, Ending.NOT_DELIVERED.label
    SUPERSEDED = Ending.SUPERSEDED.value, Ending.SUPERSEDED.label
    NO_LONGER_FEASIBLE = Ending.NO_LONGER_FEASIBLE.value, Ending.NO_LONGER_FEASIBLE.label
    TRANSFERRED = Ending.TRANSFERRED.value, Ending.TRANSFERRED.label
    WITHDRAWN = Ending.WITHDRAWN.value, Ending.WITHDRAWN.label


# What the public is never shown: how far a report is before it is published.
WORKING_STATES = (
    TrackerState.NOT_STARTED,
    TrackerState.DRAFT,
    TrackerState.RETURNED,
    TrackerState.SUBMITTED,
    TrackerState.NOT_RECEIVED,
    TrackerState.AWAITING_SIGN_OFF,
    TrackerState.SIGNED_OFF,
)


class SeatRole(TextChoices):
    """As what a person sits on a committee."""

    CHAIR = "chair", "Chair"
    VICE_CHAIR = "vice_chair", "Vice-chair"
    MEMBER = "member", "Member"
    CO_OPTED = "co_opted", "Co-opted member"
    SUBSTITUTE = "substitute", "Substitute"


class DatePrecision(TextChoices):
    """How exactly a date is known: real papers say "April 2015"."""

    DAY = "day", "Day"
    MONTH = "month", "Month"


class FactPrecision(TextChoices):
    """How exactly it is known when something was done: here to the minute; before an import, perhaps only the month."""

    MOMENT = "moment", "To the minute"
    DAY = "day", "Day"
    MONTH = "month", "Month"
    UNKNOWN = "unknown", "Not known"


class ItemKind(TextChoices):
    """What an agenda item carries."""

    REPORT = "report", "A progress report"
    PAPERS = "papers", "Uploaded papers"
    NOTHING = "nothing", "Nothing to read (Apologies, say)"


class ProgrammeKind(TextChoices):
    """What an entry of a committee's work programme is."""

    EVIDENCE = "evidence", "Evidence for an inquiry"
    BRIEFING = "briefing", "Briefing"
    POLICY = "policy", "Policy or service in preparation"
    PERFORMANCE = "performance", "Performance or budget"
    VISIT = "visit", "Visit"
    OTHER = "other", "Other"


class StandingKind(TextChoices):
    """Standing items into which something is filled in from data. Never stored: see `rules.standing_kind`."""

    MINUTES = "minutes", "Minutes of the last meeting"
    WORK_PROGRAMME = "work_programme", "Work programme"
    NEXT_MEETING = "next_meeting", "Date of next meeting"


class PresentAs(TextChoices):
    """As what a person was at a meeting."""

    MEMBER = "member", "Member"
    SUBSTITUTE = "substitute", "Substitute"
    OFFICER = "officer", "Officer"
    GUEST = "guest", "Guest"  # Cabinet Members too


class Presence(TextChoices):
    PRESENT = "present", "Present"
    APOLOGIES = "apologies", "Apologies"
    ABSENT = "absent", "Absent"


class NextStep(TextChoices):
    """What the green button of a clerk's page does: its address, and its words. Never stored: see `rules`."""

    CALL_MEETING = "call_meeting", "Call another meeting"
    CHOOSE_PROPOSALS = "agenda_proposals", "Choose from the proposals"
    ADD_ITEM = "add_item", "Add an item"
    ADD_PAPER = "add_paper", "Add the missing papers"
    SEE_REPORT = "manage", "See what the report waits for"
    OPEN_PACK = "pack", "Go on to the pack"
    BUILD_PACK = "build_pack", "Build the pack"
    WAIT_FOR_PACK = "wait_for_pack", "Look again"
    CHECK_PACK = "check_pack", "Check and publish"
    WRITE_MINUTES = "minutes", "Go on with the minutes"
    SEE_MEETING = "meeting", "Public page of the meeting"
    SEE_AGENDA = "agenda", "Go to the agenda"
    DECIDE_MORE_TIME = "decide_more_time", "Decide about more time"
    REMIND = "remind", "Remind everybody who is late"
    NAME_SIGNER = "reschedule", "Name a Cabinet Member"
    SEE_SIGNERS = "sign_offs", "See who is to sign"
    REMIND_NOW = "remind_officer_report", "Remind now"
    SEE_SIGN_OFF = "sign_off", "See it as the Cabinet Member does"
    PUBLISH = "publish", "Publish"
    ASSESS = "assess", "Record the assessment"
    COMMISSION = "commission", "Commission the next report"
    READ_REPORT = "report", "Read the report as it is now"


class LetterStep(TextChoices):
    """The letters that ask for Cabinet's response, one after the other."""

    REMINDER = "reminder", "Reminder before the date"
    FIRST = "first", "First letter"
    SECOND = "second", "Second letter"
    FINAL = "final", "Final letter"


class PackEdition(TextChoices):
    """For whose eyes an agenda pack is built."""

    PUBLIC = "public", "Public"
    RESTRICTED = "restricted", "Restricted"


class Tagging(TextChoices):
    """How an uploaded paper serves a person who has it read aloud."""

    VALID = "valid", "Tagged: passes the machine checks for PDF/UA-1"
    FAULTY = "faulty", "Tagged, with faults"
    UNTAGGED = "untagged", "Not tagged for screen readers"


class ExemptParagraph(IntegerChoices):
    """Local Government Act 1972, Schedule 12A, Part 1 (England)."""

    INDIVIDUAL = 1, "1. Information relating to any individual"
    IDENTITY = 2, "2. Information which is likely to reveal the identity of an individual"
    FINANCIAL = (
        3,
        "3. Information relating to the financial or business affairs of any particular person "
        "(including the authority holding that information)",
    )
    LABOUR_RELATIONS = (
        4,
        "4. Information relating to any consultations or negotiations in connection with a labour relations matter",
    )
    PRIVILEGE = (
        5,
        "5. Information in respect of which a claim to legal professional privilege could be maintained "
        "in legal proceedings",
    )
    NOTICE_OR_ORDER = (
        6,
        "6. Information which reveals that the authority proposes to give a notice under which requirements are "
        "imposed on a person, or to make an order or direction",
    )
    CRIME = (
        7,
        "7. Information relating to any action taken or to be taken in connection with the prevention, "
        "investigation or prosecution of crime",
    )


class NewsEmails(TextChoices):
    """When a person is sent the e-mails that ask nothing of them."""

    AT_ONCE = "at_once", "At once"
    DAILY = "daily", "Once a day, all in one"
    NONE = "none", "Not at all"


# The e-mails that ask nothing of anybody. What has to be done, and new deadlines for it, come at once.
NEWS = {"agenda_published", "report_published", "assessments_confirmed", "meeting_changed"}


class WordedMail(TextChoices):
    """The e-mails about tasks, whose wording a council may change: the file in templates/mail/, and its name."""

    UPDATE_WANTED = "update_wanted", "Progress update needed"
    SIGN_OFF_WANTED = "sign_off_wanted", "Ready for sign-off"
    REMINDER = "reminder", "Reminder"
    ESCALATION = "escalation", "Late work, to a director or Cabinet Member"
    UPDATE_RETURNED = "update_returned", "Progress update returned"
    UPDATE_REOPENED = "update_reopened", "Progress update reopened"
    DATES_CHANGED = "dates_changed", "Deadlines changed"


# The template's own two rounds; every other one is a further one.
REPORT_KINDS = {6: "Interim", 12: "Final"}


def report_kind(months_on):
    """ "Interim", "Final" or "Further", for a report so many months on."""
    return REPORT_KINDS.get(months_on, "Further")
