"""People: invited, changed, given seats and portfolios; what each is responsible for; what names them."""

from collections import defaultdict
from dataclasses import dataclass, field
from operator import itemgetter

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Case, Count, Exists, F, FilteredRelation, OuterRef, Q, UniqueConstraint, Value, When
from django.utils import timezone
from django.utils.text import capfirst

from inquiries.actions import history
from inquiries.actions.records import merge_values, save_record, save_valid
from inquiries.actions.sessions import sign_out
from inquiries.choices import NewsEmails, SeatRole
from inquiries.documents.content import long_date
from inquiries.history_database import APPEND_ONLY
from inquiries.models import (
    ActionPoint,
    AgendaPack,
    CabinetMember,
    Membership,
    Notification,
    OfficerReport,
    OfficerReportSignature,
    PackPlan,
    Person,
    ProgressUpdate,
    Response,
    SignOff,
    UpdateContributor,
)
from inquiries.models.fields import has_any, has_key_in
from inquiries.notifications import email_former_address, notify
from inquiries.permissions import Refused, check_can
from inquiries.text import folded_pattern, name_words, single_line

# Locks. Every action that gives a person work (a response, an update, a report to sign, a seat) locks their row and
# checks that they are still current, as the action that records leavers does: one goes after the other.


def lock_person(person):
    return lock_people([person])[person.pk]


def lock_current_person(person):
    person = lock_person(person)
    if not person.is_active:
        raise Refused(f"{person} is not one of the current people. Record first that they are back.")
    return person


def lock_people(people, *, and_clerks=False):
    """The people (None is passed over) by key, read anew and locked; `and_clerks` all clerks too.

    Rows are locked in one order, so that two actions never wait for each other: committee or inquiry, then people by
    key, then responses and reports. Rows that only point to a person need not wait (`no_key`).
    """
    wanted = {person.pk for person in people if person is not None}
    if and_clerks:
        wanted |= set(Person.objects.clerks().values_list("pk", flat=True))
    rows = Person.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=wanted).order_by("pk")
    return {person.pk: person for person in rows}


# Invitations and records

NOT_FROM_YOURSELF = "You cannot take this from yourself. Ask another clerk."
NEEDED = "You sign in with your e-mail address: enter the new one, or ask another clerk to take it away."


@transaction.atomic
def invite(*, by, now, **values):
    """As `add_person`; who has an e-mail address is also sent an invitation."""
    person = add_person(by=by, now=now, **values)
    if person.email:
        send_invitation(person, by=by, now=now)
        person.refresh_from_db()
    return person


@transaction.atomic
def add_person(*, seats=(), completes=None, by, now, **details):
    """Record a person by their `name` and perhaps `email`, `job_title`, `organisation` and `is_clerk`.

    `seats` are dictionaries of what `give_seat` takes. `completes` is a person who is on record without an e-mail
    address and becomes complete. Raises ValidationError or Refused, and then nothing has changed.
    """
    check_can("keep_people", by, completes, timezone.localdate(now))
    person = Person() if completes is None else lock_person(completes)
    if person.pk is None:
        person.set_unusable_password()
    elif person.email or not person.is_active:
        raise Refused(f"The record of {person} has been completed or closed in the meantime.")
    person.name, person.email = single_line(details["name"]), normalize_address(details.get("email"))
    # A field left empty does not empty what is known already.
    person.job_title = details.get("job_title", "").strip() or person.job_title
    person.organisation = details.get("organisation", "").strip() or person.organisation
    person.is_clerk = person.is_clerk or details.get("is_clerk", False)
    save_person(person, by=by, now=now)
    for seat in seats:
        give_seat(person, **seat, by=by, now=now)
    return person


@transaction.atomic
def send_invitation(person, *, by, now):
    check_can("keep_people", by, person, timezone.localdate(now))
    person = lock_current_person(person)
    if not person.email:
        raise Refused(f"{person} has no e-mail address. Enter one first.")
    set_login_address(person)
    sentence = f"invited {person} {'again' if person.invited_at else 'to sign in'}"
    person.invited_at, person.invited_by = now, by
    person.save(update_fields=["invited_at", "invited_by"])
    history.write("invite", person, sentence, by=by, now=now)
    notify([person], "invitation", f"{person.pk}:{now.isoformat()}", now=now, reply_to=by, by=by)
    return person


@transaction.atomic
def change_person(person, *, by, now, based_on=None, **details):
    """Correct a person's record: the details that `add_person` takes and the `director`; `based_on`: `merge_values`.

    With another e-mail address they sign in anew, and the old and the new one are notified.
    Raises ValidationError, for the field where there is one, or Refused.
    """
    check_can("keep_people", by, person, timezone.localdate(now))
    rows = lock_people([person, by], and_clerks=True)
    person = rows[person.pk]
    if not person.is_active:
        raise Refused(f"{person} is not one of the current people: the record is closed.")
    changed = merge_values(person, details, based_on)
    details = {name: changed.get(name, getattr(person, name)) for name in details}
    old, new = person.email, normalize_address(details["email"])
    if person.is_clerk and not details["is_clerk"]:
        check_other_clerk_remains("is_clerk", NOT_FROM_YOURSELF, person, rows[by.pk])
    elif person.is_clerk and old and not new:
        # A clerk without an address cannot sign in: the last one would lock everybody out.
        check_other_clerk_remains("email", NEEDED, person, rows[by.pk])
    history.set_fields(
        person,
        name=single_line(details["name"]),
        email=new,
        job_title=details["job_title"].strip(),
        organisation=details["organisation"].strip(),
        is_clerk=details["is_clerk"],
        director=details.get("director", person.director),
    )
    if person.director == person:
        raise ValidationError({"director": "Choose another person as the director."})
    save_person(person, by=by, now=now)
    # A first address needs no notification: the person is invited.
    if old and old.lower() != (new or "").lower():
        sign_out(person)
        email_former_address(old, "address_changed", person=person)
        notify([person], "address_changed", f"{person.pk}:{now.isoformat()}", now=now, reply_to=by)
    return person


@transaction.atomic
def choose_news_emails(person, choice, *, now):
    """Their own choice of when e-mails come that ask nothing of them."""
    person = lock_current_person(person)
    changes = history.set_fields(person, news_emails=choice)
    if changes["news_emails"][0] == choice:
        return
    save_valid(person, update_fields=["news_emails"])
    if choice == NewsEmails.NONE:
        Notification.objects.filter(recipient=person, for_digest=True, digest=None, sent_on=None).delete()
    sentence = "chose when e-mails about what is new come"
    history.write("choose_news_emails", person, sentence, by=person, now=now, changes=changes)


def check_other_clerk_remains(field, refusal, person, by):
    if person == by:
        raise ValidationError({field: refusal})
    # All clerks are locked by now: two must not take it from each other.
    if not (by.is_clerk and by.is_active and by.email):
        raise Refused("You are no longer a clerk who can sign in.")


def normalize_address(email):
    return Person.objects.normalize_email((email or "").strip()) or None


def save_person(person, *, by, now):
    others = Person.objects.exclude(pk=person.pk)
    if person.email and (other := others.filter(email__iexact=person.email).first()):
        message = f"{other} already has this e-mail address."
        if not other.is_active:
            message = (
                f"{other}, who has left, already has this e-mail address. Record on their page that they are back."
            )
        raise ValidationError({"email": message})
    save_record(person, by=by, now=now)
    set_login_address(person)


def set_login_address(person):
    """Make the person's e-mail address the only one with which they sign in.

    A clerk vouches for it, so it counts as verified. A former address must not sign in as them any more, and an
    address that belonged to another person no longer does.
    """
    addresses = EmailAddress.objects.filter(user=person)
    if not person.email:
        addresses.delete()
        return
    # The library stores addresses, and looks for them, in small letters.
    address = person.email.lower()
    addresses.exclude(email=address).delete()
    EmailAddress.objects.filter(email=address).exclude(user=person).delete()
    EmailAddress.objects.update_or_create(user=person, email=address, defaults={"verified": True, "primary": True})


@transaction.atomic
def make_clerk(*, email, name, now):
    """A clerk with this e-mail address: a new person, or the one who has it, made a clerk.

    Returns (person, whether anything changed). Raises ValidationError. For `manage.py create_clerk`: no permission is
    checked, because there may be no clerk yet.
    """
    person = Person.objects.filter(email__iexact=email).first()
    if person is not None and person.is_clerk and person.is_active:
        return person, False
    is_new = person is None
    if is_new:
        person = Person(name=single_line(name), email=Person.objects.normalize_email(email))
        person.set_unusable_password()
    changes = history.set_fields(person, is_clerk=True, is_active=True, left_at=None, left_by=None)
    if is_new:
        changes |= history.first_values(person, "name", "email")
    save_valid(person)
    set_login_address(person)
    sentence = f"became a clerk when this installation was {'set up' if is_new else 'looked after'}"
    history.write("make_clerk", person, sentence, by=person, now=now, changes=changes)
    return person, True


# Seats and portfolios


# `seat` is a seat on a committee (Membership) or a portfolio (CabinetMember).


@transaction.atomic
def give_seat(person, *, by, now, **values):
    """Give a seat on a `committee` in a `role`, or a `portfolio`, with its `from_date` and perhaps `until_date`.

    Raises ValidationError where they have it already in these days; Refused where they have left.
    """
    check_can("keep_people", by, person, timezone.localdate(now))
    person = lock_current_person(person)
    model = CabinetMember if "portfolio" in values else Membership
    return check_and_save(model(person=person, **values), by=by, now=now)


@transaction.atomic
def change_seat(seat, *, by, now, based_on=None, **values):
    today = timezone.localdate(now)
    person, seat = lock_seat(seat, by, today)
    history.set_fields(seat, **merge_values(seat, values, based_on))
    if not person.is_active and (seat.until_date is None or seat.until_date > today):
        raise Refused(f"{person} is not one of the current people: the seat cannot go on.")
    return check_and_save(seat, by=by, now=now)


@transaction.atomic
def end_seat(seat, *, until_date, by, now, based_on=None):
    _, seat = lock_seat(seat, by, timezone.localdate(now))
    merge_values(seat, {"until_date": until_date}, based_on)
    if seat.until_date is not None and until_date >= seat.until_date:
        raise ValidationError({"until_date": "It already ends before that day, or on it."})
    if until_date < seat.from_date:
        raise ValidationError({"until_date": "The last day is before the first."})
    set_last_day(seat, until_date, by=by, now=now)
    return seat


def lock_seat(seat, by, today):
    check_can("keep_people", by, seat, today)
    return lock_person(seat.person), type(seat).objects.select_related("person").get(pk=seat.pk)


def set_last_day(seat, day, *, by, now):
    changes = history.set_fields(seat, until_date=day)
    seat.save(update_fields=["until_date"])
    history.write("end_seat", seat, f"ended the {seat_text(seat)} of {seat.person}", by=by, now=now, changes=changes)


def seat_text(seat):
    return f"portfolio {seat.portfolio}" if isinstance(seat, CabinetMember) else f"seat on the {seat.committee}"


def overlapping(seat):
    same = {"committee": seat.committee} if isinstance(seat, Membership) else {"portfolio__iexact": seat.portfolio}
    others = type(seat).objects.filter(person=seat.person, **same).exclude(pk=seat.pk)
    return [other for other in others if days_overlap(seat, other)]


def days_overlap(seat, other):
    starts_in_time = other.until_date is None or seat.from_date <= other.until_date
    return starts_in_time and (seat.until_date is None or other.from_date <= seat.until_date)


def end_seats_of(person, *, by, now):
    """End every seat and portfolio of the person today; one that has not started is withdrawn. For other actions.

    Returns what was ended, as the names of the seats.
    """
    today, ended = timezone.localdate(now), []
    for model in (Membership, CabinetMember):
        for seat in model.objects.filter(person=person).exclude(until_date__lte=today):
            ended.append(seat_text(seat))
            if seat.from_date <= today:
                set_last_day(seat, today, by=by, now=now)
                continue
            sentence = f"withdrew the {seat_text(seat)} that had not started"
            changes = {"from_date": (seat.from_date, None)}
            history.write("deleted", seat, sentence, by=by, now=now, changes=changes, deleted=[seat])
            seat.delete()
    return ended


def check_and_save(seat, *, by, now):
    if isinstance(seat, CabinetMember):
        seat.portfolio = single_line(seat.portfolio)
    seat.full_clean(validate_constraints=False)
    if others := overlapping(seat):
        has_it = "sits on this committee" if isinstance(seat, Membership) else "holds this portfolio"
        raise ValidationError({"from_date": f"{seat.person} already {has_it} {days_text(others[0])}."})
    if isinstance(seat, Membership) and not (seat.until_date and seat.until_date < timezone.localdate(now)):
        check_has_no_part(seat.person, seat.committee)
    return save_record(seat, by=by, now=now)


def check_sits_apart(people, committee, today):
    """Raise Refused where one of these people (None is passed over) sits on the committee that judges their work."""
    seats = Membership.objects.on(today).filter(committee=committee, person__in=[p for p in people if p is not None])
    if seat := seats.select_related("person", "committee").first():
        raise Refused(f"{seat.person} sits on the {seat.committee}, which judges this work: choose another person.")


def check_has_no_part(person, committee):
    """Raise Refused where the person still leads, writes or signs something that the committee will judge."""
    work = open_work(person)
    inquiries = [inquiry for kind in work.kinds for inquiry in work.inquiries_of(kind)]
    if inquiry := next((one for one in inquiries if one.committee_id == committee.pk), None):
        raise Refused(
            f"{person} leads, writes or signs a response to “{inquiry}”, which this committee judges. Name another "
            "person there before you give them a seat."
        )
    if any(committee.pk in committees_of(work, kind) for kind in ("officer_reports", "report_signatures")):
        raise Refused(
            f"{person} writes or signs an officer report to this committee. Name another person there before you give "
            "them a seat."
        )


def days_text(seat):
    if seat.until_date is None:
        return f"since {long_date(seat.from_date)}"
    return f"from {long_date(seat.from_date)} until {long_date(seat.until_date)}"


# Duplicates


def likely_duplicates(name, *, apart_from=None):
    """Current people whose name may be another form of `name`.

    The same words in any order, whatever the form of address and the case; or the same surname with an initial
    ("J Moore", "Janice Moore").
    """
    people = Person.objects.filter(may_be_called(name)).by_name()
    return [person for person in people if person != apart_from and may_be_same_person(name, person.name)]


def may_be_called(name):
    """The condition that holds for all whom `likely_duplicates` can find."""
    words = name_words(name)
    # In both cases the name holds the last word.
    return Q(is_active=True, name__iregex=folded_pattern(words[-1])) if words else Q(pk__in=[])


def other_records_of(person):
    """(those merged into this person, and its likely duplicates), in one query."""
    wanted = Q(merged_into=person)
    if person.is_active:
        wanted |= may_be_called(person.name)
    others = [one for one in Person.objects.filter(wanted).by_name() if one != person]
    merged = [one for one in others if one.merged_into_id == person.pk]
    return merged, [one for one in others if one.is_active and may_be_same_person(person.name, one.name)]


def may_be_same_person(name, other_name):
    one, other = name_words(name), name_words(other_name)
    if sorted(one) == sorted(other):
        return True
    if len(one) < 2 or len(other) < 2 or one[-1] != other[-1]:
        return False
    first, second = one[0], other[0]
    return 1 in (len(first), len(second)) and first[0] == second[0]


# Responsibilities

SEAT_TEXT = {
    SeatRole.CHAIR: "chair of the",
    SeatRole.VICE_CHAIR: "vice-chair of the",
    SeatRole.MEMBER: "member of the",
    SeatRole.CO_OPTED: "co-opted member of the",
    SeatRole.SUBSTITUTE: "substitute on the",
}


@dataclass(frozen=True)
class OpenWork:
    """The open work of one person: lists of records, read with what a page shows of them."""

    responses: list[Response] = field(default_factory=list)
    updates: list[ProgressUpdate] = field(default_factory=list)
    contributions: list[UpdateContributor] = field(default_factory=list)
    sign_offs: list[SignOff] = field(default_factory=list)
    named_to_sign: list[Response] = field(default_factory=list)
    plans: list[PackPlan] = field(default_factory=list)
    officer_reports: list[OfficerReport] = field(default_factory=list)
    report_signatures: list[OfficerReportSignature] = field(default_factory=list)
    actions: list[ActionPoint] = field(default_factory=list)

    @property
    def kinds(self):
        kinds = {
            "responses": self.responses,
            "contributions": self.contributions,
            "sign_offs": self.sign_offs or self.named_to_sign,
            "plans": self.plans,
            "officer_reports": self.officer_reports,
            "report_signatures": self.report_signatures,
            "actions": self.actions,
        }
        return [name for name, records in kinds.items() if records]

    def inquiries_of(self, kind):
        """The inquiries that the work of a kind is about; that of a clerk ("plans") is about none.

        Nor do actions count, which the committee may also ask of its own members.
        """
        match kind:
            case "responses":
                return [response.inquiry for response in self.responses]
            case "contributions":
                return [contribution.update.report.inquiry for contribution in self.contributions]
            case "sign_offs":
                reports = [sign_off.report for sign_off in self.sign_offs]
                return [record.inquiry for record in (*reports, *self.named_to_sign)]
        return []


def open_work(person):
    """An OpenWork; what few people have is only asked for where there is some.

    Responses are those that come back in a report, and those whose update is not yet published. Submitted updates
    stay with their writers: only open ones are to be taken over.
    """
    named = FilteredRelation("named", condition=Q(named__person=person))
    open_updates = (
        ProgressUpdate.objects.open()
        .in_order()
        .annotate(contribution=named)
        .filter(Q(response__lead_officer=person) | Q(contribution__isnull=False))
        .select_related("report__inquiry", "contribution")
    )
    # Django sets `contribution` on those updates alone that have one.
    updates = list(open_updates)
    unpublished = ProgressUpdate.objects.filter(response=OuterRef("pk"), report__published_at__isnull=True)
    # With EXISTS of the row itself: `pk__in` would work out every open response of the council first.
    is_open = Exists(Response.objects.open().filter(pk=OuterRef("pk")))
    coming = Q(is_open) | Q(Exists(unpublished))
    led, signed = (
        Response.objects.filter(**{role: person}).values("pk") for role in ("lead_officer", "cabinet_member")
    )
    with_updates = Q(pk__in=[update.response_id for update in updates])
    promises = (
        Response.objects.in_order()
        .filter(has_key_in(led) | has_key_in(signed) | with_updates)
        .filter(coming | with_updates)
        .select_related("inquiry__committee", "lead_officer")
        .prefetch_related("recommendations")
    )
    responses = {response.pk: response for response in promises}
    for update in updates:
        update.response = responses[update.response_id]
    rare = {
        "sign_offs": unsigned_sign_offs(person),
        "plans": PackPlan.objects.filter(planned_by=person, publish_on__isnull=False).select_related(
            "meeting__committee"
        ),
        "officer_reports": OfficerReport.objects.current()
        .filter(author=person, signed_off_at__isnull=True)
        .select_related("item__meeting__committee", "author")
        .order_by("pk"),
        "report_signatures": unsigned_report_signatures(person),
        # Drafts too: they are the person's as soon as the ratings are confirmed.
        "actions": ActionPoint.objects.filter(owner=person, done_at__isnull=True).select_related(
            "owner", "update__response", "update__report__inquiry"
        ),
    }
    return OpenWork(
        responses=[response for response in responses.values() if response.lead_officer_id == person.pk],
        updates=[update for update in updates if update.response.lead_officer_id == person.pk],
        contributions=[update.contribution for update in updates if hasattr(update, "contribution")],
        named_to_sign=[response for response in responses.values() if response.cabinet_member_id == person.pk],
        **{name: list(rare[name]) for name, has_some in has_any(rare).items() if has_some},
    )


def unsigned_sign_offs(person):
    waiting = SignOff.objects.filter(person=person, signed_at__isnull=True, report__signed_off_at__isnull=True)
    return waiting.select_related("report__inquiry").order_by("pk")


def unsigned_report_signatures(person):
    waiting = OfficerReportSignature.objects.filter(person=person, signed_at__isnull=True)
    waiting = waiting.filter(report__in=OfficerReport.objects.current().filter(signed_off_at__isnull=True))
    return waiting.select_related("report__item__meeting__committee").order_by("pk")


def committees_of(work, kind):
    """The keys of the committees that judge the work of a kind."""
    if kind == "officer_reports":
        return {report.meeting.committee_id for report in work.officer_reports}
    if kind == "report_signatures":
        return {signature.report.meeting.committee_id for signature in work.report_signatures}
    return {inquiry.committee_id for inquiry in work.inquiries_of(kind)}


def seats_and_portfolios(person):
    seats = Membership.objects.filter(person=person).select_related("committee")
    portfolios = CabinetMember.objects.filter(person=person)
    return latest_first(seats), latest_first(portfolios)


def summarize_responsibilities(people, today):
    """What each of `people` does: {key: "Chair of the Communities Select Committee; ..."}.

    The same number of queries for one as for many.
    """
    parts = defaultdict(list)
    for person in people:
        if person.is_clerk and person.is_active:
            parts[person.pk].append("clerk")
    keys = [person.pk for person in people]
    for seat in Membership.objects.on(today).filter(person__in=keys).select_related("committee").order_by("pk"):
        parts[seat.person_id].append(f"{SEAT_TEXT[SeatRole(seat.role)]} {seat.committee}")
    for seat in CabinetMember.objects.on(today).filter(person__in=keys).order_by("pk"):
        parts[seat.person_id].append(f"Cabinet Member for {seat.portfolio}")
    open_updates = ProgressUpdate.objects.open()
    unsigned = SignOff.objects.filter(signed_at__isnull=True, report__signed_off_at__isnull=True)
    kinds = (
        (Response.objects.open(), "lead_officer", "lead officer of 1 response", "lead officer of {} responses"),
        (
            UpdateContributor.objects.filter(update__in=open_updates),
            "person",
            "contributor to 1 open update",
            "contributor to {} open updates",
        ),
        (unsigned, "person", "1 report to sign off", "{} reports to sign off"),
        (
            OfficerReport.objects.current().filter(signed_off_at__isnull=True),
            "author",
            "author of 1 officer report",
            "author of {} officer reports",
        ),
    )
    first, *others = (
        records.filter(**{f"{who}__in": keys})
        .order_by()
        .values_list(who)
        .annotate(count=Count("pk", distinct=True), kind=Value(place))
        for place, (records, who, *_) in enumerate(kinds)
    )
    for key, count, place in sorted(first.union(*others, all=True), key=itemgetter(2)):
        *_, one, several = kinds[place]
        parts[key].append(one if count == 1 else several.format(count))
    return {key: capfirst("; ".join(parts[key])) or "No role" for key in keys}


def latest_first(seats):
    return sorted(seats, key=lambda seat: (seat.until_date is None, seat.from_date), reverse=True)


# Related objects

# Records of these applications are for signing in: they go with the account, never to another person.
LOGIN_APPS = frozenset({"account", "mfa", "socialaccount", "usersessions", "admin", "auth"})


@dataclass(frozen=True)
class RelatedModel:
    """A model and the names of its fields that point to a person."""

    model: type[models.Model]
    fields: tuple[str, ...]

    def everything(self, *people):
        wanted = Q()
        for name in self.fields:
            wanted |= Q(**{f"{name}__in": people})
        return self.model._default_manager.filter(wanted)

    def rows(self, *people):
        """The rows that point to one of `people` and may be changed: what was published or is history stays."""
        rows = self.everything(*people)
        if self.model._meta.db_table in APPEND_ONLY:
            return rows.none()
        return rows.filter(published_at__isnull=True) if self.model is AgendaPack else rows

    def move(self, old, new):
        """Let every row that points to `old` point to `new`; returns how many.

        All fields of a row at once: a sign-off given by the person named must not for a moment look as if it had
        been given by another.
        """
        moved = {
            name: Case(When(**{name: old}, then=new.pk), default=F(f"{name}_id"), output_field=models.BigIntegerField())
            for name in self.fields
        }
        return self.rows(old).update(**moved)

    def unique(self):
        """Unique constraints that include a person, as a list of (the field that points to them, the other fields)."""
        return [
            (field, [name for name in constraint.fields if name != field])
            for field in self.fields
            for constraint in self.model._meta.constraints
            if isinstance(constraint, UniqueConstraint) and field in constraint.fields
        ]


def related_models():
    """Every model, those for signing in too, with the fields that point to a person: found in the models themselves."""
    fields = defaultdict(list)
    for relation in Person._meta.get_fields(include_hidden=True):
        # A many-to-many relation has a table of its own, which is found by itself.
        if relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one):
            fields[relation.related_model].append(relation.field.name)
    return [RelatedModel(model, tuple(sorted(names))) for model, names in fields.items()]


def movable_models():
    return [related for related in related_models() if related.model._meta.app_label not in LOGIN_APPS]


def login_records(people):
    return [related.everything(*people) for related in related_models() if related.model._meta.app_label in LOGIN_APPS]
