"""What people have: seats, portfolios, responses they lead, updates to write, reports to sign. Read, never written."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Q

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
    """What waits for `person`: an OpenWork.

    Responses are those that come back in a report, and those whose update is not yet published. A draft or a
    submitted update of somebody stays theirs in words: only open ones are to be written by somebody else.
    """
    unpublished = ProgressUpdate.objects.filter(response=OuterRef("pk"), report__published_at__isnull=True)
    promises = Response.objects.in_order().select_related("inquiry__committee").prefetch_related("recommendations")
    coming = promises.filter(Q(pk__in=Response.objects.open().values("pk")) | Q(Exists(unpublished)))
    named = UpdateContributor.objects.filter(person=person, update__in=ProgressUpdate.objects.open())
    waiting = SignOff.objects.filter(person=person, signed_at__isnull=True, report__signed_off_at__isnull=True)
    return OpenWork(
        responses=list(coming.filter(lead_officer=person)),
        updates=list(ProgressUpdate.objects.open().filter(response__lead_officer=person).for_page()),
        contributions=list(
            named.select_related("update__report__inquiry", "update__response__lead_officer")
            .prefetch_related("update__response__recommendations")
            .order_by("pk")
        ),
        sign_offs=list(waiting.select_related("report__inquiry").order_by("pk")),
        named_to_sign=list(coming.filter(cabinet_member=person)),
        plans=list(
            PackPlan.objects.filter(planned_by=person, publish_on__isnull=False).select_related("meeting__committee")
        ),
    )


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
    for records, who, one, several in (
        (Response.objects.open(), "lead_officer", "lead officer of 1 response", "lead officer of {} responses"),
        (
            UpdateContributor.objects.filter(update__in=open_updates),
            "person",
            "contributor to 1 open update",
            "contributor to {} open updates",
        ),
        (unsigned, "person", "1 report to sign off", "{} reports to sign off"),
    ):
        for key, count in _count(records, who, keys).items():
            parts[key].append(one if count == 1 else several.format(count))
    return {key: _sentence(parts[key]) for key in keys}


def _count(records, who, keys):
    return dict(
        records.filter(**{f"{who}__in": keys}).order_by().values_list(who).annotate(count=Count("pk", distinct=True))
    )


def _sentence(parts):
    words = "; ".join(parts)
    return words[:1].upper() + words[1:] if words else NOTHING


def _latest_first(seats):
    return sorted(seats, key=lambda seat: (seat.until_date is None, seat.from_date), reverse=True)
