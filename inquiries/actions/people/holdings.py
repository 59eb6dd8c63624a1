"""What people have: seats, portfolios, responses they lead, updates to write, reports to sign. Read, never written."""

from collections import defaultdict
from dataclasses import dataclass, field
from operator import itemgetter

from django.db.models import Count, Exists, FilteredRelation, OuterRef, Q, Value

from inquiries.choices import SeatRole
from inquiries.models import (
    CabinetMember,
    Membership,
    PackPlan,
    ProgressUpdate,
    Response,
    SignOff,
    UpdateContributor,
)

SEATED = {
    SeatRole.CHAIR: "chair of the",
    SeatRole.VICE_CHAIR: "vice-chair of the",
    SeatRole.MEMBER: "member of the",
    SeatRole.CO_OPTED: "co-opted member of the",
    SeatRole.SUBSTITUTE: "substitute on the",
}
NOTHING = "No role"


@dataclass(frozen=True)
class OpenWork:
    """What waits for one person, or will: each is a list of records, read with what a page prints of them."""

    responses: list[Response] = field(default_factory=list)
    updates: list[ProgressUpdate] = field(default_factory=list)
    contributions: list[UpdateContributor] = field(default_factory=list)
    sign_offs: list[SignOff] = field(default_factory=list)
    named_to_sign: list[Response] = field(default_factory=list)
    plans: list[PackPlan] = field(default_factory=list)

    @property
    def kinds(self):
        """The names of the kinds of work that somebody has to take over, in the order in which a page asks."""
        kinds = {
            "responses": self.responses,
            "contributions": self.contributions,
            "sign_offs": self.sign_offs or self.named_to_sign,
            "plans": self.plans,
        }
        return [name for name, records in kinds.items() if records]


def open_work(person):
    """What waits for `person`: an OpenWork, in five queries whatever there is.

    Responses are those that come back in a report, and those whose update is not yet published. A draft or a
    submitted update of somebody stays theirs in words: only open ones are to be written by somebody else.
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
    coming = Q(pk__in=Response.objects.open().values("pk")) | Q(Exists(unpublished))
    theirs = Q(lead_officer=person) | Q(cabinet_member=person)
    promises = (
        Response.objects.in_order()
        .filter(coming & theirs | Q(pk__in=[update.response_id for update in updates]))
        .select_related("inquiry__committee", "lead_officer")
        .prefetch_related("recommendations")
    )
    responses = {response.pk: response for response in promises}
    for update in updates:
        update.response = responses[update.response_id]
    return OpenWork(
        responses=[response for response in responses.values() if response.lead_officer_id == person.pk],
        updates=[update for update in updates if update.response.lead_officer_id == person.pk],
        contributions=[update.contribution for update in updates if hasattr(update, "contribution")],
        sign_offs=list(to_be_signed_by(person)),
        named_to_sign=[response for response in responses.values() if response.cabinet_member_id == person.pk],
        plans=list(
            PackPlan.objects.filter(planned_by=person, publish_on__isnull=False).select_related("meeting__committee")
        ),
    )


def to_be_signed_by(person):
    """The sign-offs that `person` has still to give, as a queryset."""
    waiting = SignOff.objects.filter(person=person, signed_at__isnull=True, report__signed_off_at__isnull=True)
    return waiting.select_related("report__inquiry").order_by("pk")


def seats_of(person):
    """(the seats on committees, the portfolios) of a person, those held or to come first."""
    seats = Membership.objects.filter(person=person).select_related("committee")
    portfolios = CabinetMember.objects.filter(person=person)
    return _latest_first(seats), _latest_first(portfolios)


def had_by(people, today):
    """What each of `people` has, in words: {key: "Chair of the Communities Select Committee; ..."}.

    The same number of queries for one as for many.
    """
    parts = defaultdict(list)
    for person in people:
        if person.is_clerk and person.is_active:
            parts[person.pk].append("clerk")
    keys = [person.pk for person in people]
    for seat in Membership.objects.on(today).filter(person__in=keys).select_related("committee").order_by("pk"):
        parts[seat.person_id].append(f"{SEATED[SeatRole(seat.role)]} {seat.committee}")
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
    )
    first, *others = (
        _count(records, who, keys).annotate(kind=Value(place)) for place, (records, who, *_) in enumerate(kinds)
    )
    for key, count, place in sorted(first.union(*others, all=True), key=itemgetter(2)):
        *_, one, several = kinds[place]
        parts[key].append(one if count == 1 else several.format(count))
    return {key: _sentence(parts[key]) for key in keys}


def _count(records, who, keys):
    found = records.filter(**{f"{who}__in": keys}).order_by()
    return found.values_list(who).annotate(count=Count("pk", distinct=True))


def _sentence(parts):
    words = "; ".join(parts)
    return words[:1].upper() + words[1:] if words else NOTHING


def _latest_first(seats):
    return sorted(seats, key=lambda seat: (seat.until_date is None, seat.from_date), reverse=True)
