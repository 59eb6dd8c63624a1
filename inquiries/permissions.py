"""Who may do what: one table, asked in two ways.

`check_can("x", person, thing, today)` raises `Refused` with the reason; `can("x", person, thing, today)` asks the same
and says yes or no. Buttons, views, exports, the admin and the tests all use this pair. Whether the procedure
allows an action *now* is said in `rules.py`; the table calls it last, so that "not you" comes before "not now".
What a person may *read* is a queryset method (`visible_to`, `public`) beside each model.
"""

from collections.abc import Callable
from dataclasses import dataclass

from inquiries import rules
from inquiries.choices import SeatRole
from inquiries.models import CabinetMember, Membership, OfficerReport, Person
from inquiries.rules import Refused

__all__ = ["RIGHTS", "Refused", "Right", "Role"]


# --- Who a person is, seen from a thing --------------------------------------------------------------


@dataclass(frozen=True)
class Role:
    """One column of the table: `look_up(person, thing, today)`, and whether what was found gives the role there.

    Roles with the same `look_up` are looked up once.
    """

    name: str
    look_up: Callable
    is_given_by: Callable = bool


def committee_of(thing):
    for attribute in ("update", "report", "inquiry", "item", "meeting", "committee"):
        above = getattr(thing, attribute, None)
        if above is not None:
            return committee_of(above)
    return thing


def _report_of(thing):
    thing = getattr(thing, "update", thing)
    return getattr(thing, "report", thing)


def _is_lead_officer(person, update, today):
    return update.response.lead_officer_id == person.pk


def _leads_somewhere(person, thing, today):
    return person.led_responses.exists() or person.officer_reports.exists()


def _is_contributor(person, update, today):
    return any(named.person_id == person.pk for named in update.named.all())


def _signs(person, thing, today):
    return any(sign_off.person_id == person.pk for sign_off in _report_of(thing).sign_offs.all())


def _is_author(person, report, today):
    return isinstance(report, OfficerReport) and report.author_id == person.pk


def _signs_officer_report(person, report, today):
    return any(signature.person_id == person.pk for signature in report.signatures.all())


def _is_that_signer(person, signature, today):
    return signature.person_id == person.pk


def _is_that_cabinet_member(person, sign_off, today):
    return sign_off.person_id == person.pk


def _owns(person, action, today):
    return action.owner_id == person.pk


def _sits_in_cabinet(person, thing, today):
    return CabinetMember.objects.on(today).filter(person=person).exists()


def _seats(person, thing, today):
    seats = Membership.objects.on(today).filter(person=person, committee=committee_of(thing))
    return set(seats.order_by().values_list("role", flat=True))


def _is_clerk(person, thing, today):
    return person.is_clerk


def _is_another_clerk(person, thing, today):
    return person.is_clerk and person != thing


def _is_themselves(person, thing, today):
    return isinstance(thing, Person) and thing.pk == person.pk


LEAD_OFFICER = "lead officer"
CONTRIBUTOR = "contributor"
AUTHOR = "author of an officer report"
SIGNER = "signer of an officer report"
CABINET_MEMBER = "Cabinet Member"
ACTION_OWNER = "owner of an action"
COMMITTEE_MEMBER = "committee member"
CHAIR = "chair"
CLERK = "clerk"
THEMSELVES = "the person themselves"
ROLES = (
    *(LEAD_OFFICER, CONTRIBUTOR, AUTHOR, SIGNER, CABINET_MEMBER, ACTION_OWNER, COMMITTEE_MEMBER, CHAIR),
    *(CLERK, THEMSELVES),
)

clerk = Role(CLERK, _is_clerk)
member = Role(COMMITTEE_MEMBER, _seats)
chair = Role(CHAIR, _seats, lambda seats: SeatRole.CHAIR in seats)


# --- The table ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Right:
    """One line: what, who (role, and a description of where), and the rule that says whether it can be done now."""

    label: str
    who: tuple[tuple[Role, str], ...]
    refusal: str
    now: Callable = lambda thing: None

    def belongs_to(self, person, thing, today, known=None):
        """Whether this is the person's to do, now or at another time. `known` remembers what was looked up."""
        known = {} if known is None else known
        # The clerk first: to know a clerk asks nothing of the database.
        for role, _ in sorted(self.who, key=lambda who: who[0] is not clerk):
            if role.look_up not in known:
                known[role.look_up] = role.look_up(person, thing, today)
            if role.is_given_by(known[role.look_up]):
                return True
        return False

    def check(self, person, thing, today, known=None):
        if not (person.is_authenticated and person.is_active):
            raise Refused("Sign in first.")
        if not self.belongs_to(person, thing, today, known):
            raise Refused(self.refusal)
        self.now(thing)


def _step(verb):
    return lambda thing: rules.check_step(verb, _report_of(thing).stage)


def _update_is_open(update):
    rules.check_update_is_open(update)


def _may_be_signed(sign_off):
    rules.check_step("sign_off", sign_off.report.stage)
    if sign_off.signed_at is not None:
        raise Refused("This has already been signed off.")


RIGHTS = {
    "administer": Right(
        "Record inquiries, people, meetings, packs; commission updates; use the admin",
        ((clerk, "all"),),
        "Only a clerk can do this.",
    ),
    "keep_people": Right(
        "Invite people, change their records, give and end seats and portfolios",
        ((clerk, "all"),),
        "Only a clerk can keep the records of people.",
    ),
    "record_leaver": Right(
        "Record that a person leaves, with who takes over, or comes back",
        ((Role(CLERK, _is_another_clerk), "all but themselves"),),
        "Only a clerk can record that a person leaves, and not of themselves.",
    ),
    "merge_people": Right(
        "Merge two records of the same person",
        ((clerk, "all"),),
        "Only a clerk can merge two records of a person.",
    ),
    "export_person": Right(
        "Export everything that is kept about a person who asks",
        ((clerk, "all"), (Role(THEMSELVES, _is_themselves), "their own")),
        "Only a clerk can export what is kept about another person.",
    ),
    "erase_person": Right(
        "Erase the personal data of a person who asks and has no more work here",
        ((Role(CLERK, _is_another_clerk), "all but their own"),),
        "Only a clerk can erase what is kept about a person, and not about themselves.",
    ),
    "write_update": Right(
        "Write and submit a progress update",
        (
            (Role(LEAD_OFFICER, _is_lead_officer), "theirs, while open"),
            (Role(CONTRIBUTOR, _is_contributor), "where named, while open"),
            (clerk, "on behalf, recorded as such"),
        ),
        "Only the lead officer, the contributors they name, or a clerk can write this update.",
        _update_is_open,
    ),
    "name_contributors": Right(
        "Name who else writes an update",
        ((Role(LEAD_OFFICER, _is_lead_officer), "theirs, while open"), (clerk, "on behalf, recorded as such")),
        "Only the lead officer or a clerk can name contributors.",
        _update_is_open,
    ),
    "search_people": Right(
        "Search for people by name, to name them",
        ((Role(LEAD_OFFICER, _leads_somewhere), "all"), (clerk, "all")),
        "Only lead officers and clerks search for people.",
    ),
    "close_updates": Right(
        "Close updates early",
        ((clerk, "all"),),
        "Only a clerk can close updates early.",
        _step("close_updates"),
    ),
    "return_update": Right(
        "Return an update with a note",
        ((Role(CABINET_MEMBER, _signs), "in reports they sign"),),
        "Only a Cabinet Member who signs this report can return an update.",
        rules.check_can_be_returned,
    ),
    "sign_off": Right(
        "Sign off a report",
        ((Role(CABINET_MEMBER, _is_that_cabinet_member), "their own sign-off"),),
        "Only the Cabinet Member named can sign this off.",
        _may_be_signed,
    ),
    "record_sign_off": Right(
        "Record a sign-off on behalf",
        ((clerk, "all, with a note of the evidence"),),
        "Only a clerk can record a sign-off for another person.",
        _may_be_signed,
    ),
    "write_officer_report": Right(
        "Write and submit an officer report",
        (
            (Role(AUTHOR, _is_author), "theirs, while open"),
            (Role(CONTRIBUTOR, _is_contributor), "where named, while open"),
            (clerk, "on behalf, recorded as such"),
        ),
        "Only its author, the contributors they name, or a clerk can write this report.",
        rules.check_officer_report_is_open,
    ),
    "name_report_contributors": Right(
        "Name who else writes an officer report",
        ((Role(AUTHOR, _is_author), "theirs, while open"), (clerk, "on behalf, recorded as such")),
        "Only its author or a clerk can name contributors.",
        rules.check_officer_report_is_open,
    ),
    "return_officer_report": Right(
        "Return an officer report with a note",
        ((Role(SIGNER, _signs_officer_report), "those they are to sign"),),
        "Only the director or Cabinet Member who signs this report can return it.",
        rules.check_officer_report_awaits_sign_off,
    ),
    "sign_officer_report": Right(
        "Sign off an officer report",
        ((Role(SIGNER, _is_that_signer), "their own sign-off"),),
        "Only the person named can sign this off.",
        rules.check_officer_report_can_be_signed,
    ),
    "record_report_signature": Right(
        "Record the sign-off of an officer report on behalf",
        ((clerk, "all, with a note of the evidence"),),
        "Only a clerk can record a sign-off for another person.",
        rules.check_officer_report_can_be_signed,
    ),
    "reopen_officer_report": Right(
        "Reopen an officer report, with a reason",
        ((clerk, "all"),),
        "Only a clerk can reopen an officer report.",
        rules.check_officer_report_can_be_reopened,
    ),
    "publish": Right("Publish a report", ((clerk, "all"),), "Only a clerk can publish a report.", _step("publish")),
    "reopen": Right(
        "Reopen a report, with a reason", ((clerk, "all"),), "Only a clerk can reopen a report.", _step("reopen")
    ),
    "indicate": Right(
        "Note an indication",
        ((member, "own, from publication until confirmed"), (chair, "own")),
        "Only members of the committee can note an indication.",
        _step("indicate"),
    ),
    "assess": Right(
        "Record the committee's assessment, row by row",
        ((chair, "own committee"), (clerk, "all")),
        "Only the chair or a clerk records the committee's assessment.",
        _step("assess"),
    ),
    "confirm_assessments": Right(
        "Confirm the assessments",
        ((chair, "own committee"), (clerk, "all")),
        "Only the chair or a clerk confirms the committee's assessments.",
        _step("confirm_assessments"),
    ),
    "read_for_committee": Right(
        "Read a published report row by row, as its committee does",
        ((member, "own committee"), (chair, "own committee"), (clerk, "all")),
        "Only members of the committee and clerks read a report on this page.",
    ),
    "correct_assessment": Right(
        "Correct a confirmed assessment, with a reason",
        ((chair, "own committee"), (clerk, "all")),
        "Only the chair or a clerk corrects the committee's assessment.",
        _step("correct_assessment"),
    ),
    "run_meeting": Right(
        "Use the room page of a meeting, which moves the screen",
        ((chair, "own committee"), (clerk, "all")),
        "The room page is for the committee's chair and clerks.",
    ),
    "see_screen": Right(
        "Open the screen for the room",
        ((member, "own committee"), (chair, "own committee"), (clerk, "all")),
        "The screen for the room is opened by members of the committee and clerks.",
    ),
    # What is seen when says `IndicationQuerySet.visible_to`.
    "set_action_point": Right(
        "Set an action where the committee has concerns",
        ((chair, "own committee"), (clerk, "all")),
        "Only the chair or a clerk sets actions.",
    ),
    "finish_action_point": Right(
        "Record that an action is done",
        ((Role(ACTION_OWNER, _owns), "theirs"), (clerk, "all, recorded as such")),
        "Only the person who was asked, or a clerk, can record that this is done.",
    ),
    "see_indications": Right(
        "See the members' indications together",
        ((chair, "own committee, once the meeting has begun"), (clerk, "all, once the meeting has begun")),
        "What members note before a meeting is theirs alone.",
    ),
    "see_exempt": Right(
        "Read exempt papers and the restricted pack",
        (
            (clerk, "all"),
            # Before Cabinet Members: the committee's pages have looked it up already.
            (member, "own committee"),
            (Role(CABINET_MEMBER, _sits_in_cabinet), "yes"),
            (chair, "own committee"),
        ),
        "This is exempt from publication.",
    ),
}


def check_can(right, person, thing, today):
    """Raise Refused, with the reason, unless `person` may do `right` (a key of RIGHTS) to `thing` today."""
    RIGHTS[right].check(person, thing, today)


def can(right, person, thing, today):
    try:
        check_can(right, person, thing, today)
    except Refused:
        return False
    return True


def rights_over(person, thing, today, *rights):
    """Which of `rights` the person has over `thing` today, as `can` says; nothing is looked up twice."""
    known, found = {}, set()
    for right in rights:
        try:
            RIGHTS[right].check(person, thing, today, known)
        except Refused:
            continue
        found.add(right)
    return frozenset(found)
