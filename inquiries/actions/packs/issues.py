"""One issue of an agenda (the main one, or a supplement) as it stands: its plan, its words, what speaks against it."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from inquiries.actions import history
from inquiries.actions.meetings import locked_meeting
from inquiries.documents.agenda_pack import pack_contents, records_of
from inquiries.documents.pack.content import fingerprint
from inquiries.models import AgendaDocument, Clearance, PackPlan
from inquiries.permissions import Refused, check_can
from inquiries.preflight import findings
from inquiries.preflight.gathering import gather


def plan_of(meeting, supplement):
    """The PackPlan of an issue; a new one, not yet saved, where nobody has planned anything."""
    found = PackPlan.objects.select_related("started_by", "planned_by").filter(meeting=meeting, supplement=supplement)
    return found.first() or PackPlan(meeting=meeting, supplement=supplement)


def saved_plan(meeting, supplement):
    """The same, saved."""
    return PackPlan.objects.get_or_create(meeting=meeting, supplement=supplement)[0]


@transaction.atomic
def save_plan(meeting, supplement, *, duplex, by, now):
    """Say whether the packs of an issue are for printing on both sides. Returns the PackPlan. Raises Refused."""
    meeting = locked_meeting(meeting, by=by, now=now)
    plan = saved_plan(meeting, supplement)
    changes = history.set_fields(plan, duplex=duplex)
    plan.save(update_fields=["duplex"])
    if changes["duplex"][0] != duplex:
        said = f"chose {'double' if duplex else 'single'}-sided printing for the {plan.name.lower()}"
        history.write("save_plan", meeting, said, by=by, now=now, changes=changes)
    return plan


def supplements_of(meeting, records=None):
    """The numbers of the issues that there are: 0, the main agenda, first. `records`: its PackRecords, if at hand."""
    numbers = {0}
    if records is not None:
        papers = [paper for some in records.documents.values() for paper in some]
        numbers.update(thing.supplement for thing in (*records.items, *papers, *records.packs))
        return sorted(numbers)
    numbers.update(meeting.items.standing().values_list("supplement", flat=True))
    papers = AgendaDocument.objects.standing().filter(item__meeting=meeting, item__removed_at__isnull=True)
    numbers.update(papers.values_list("supplement", flat=True))
    numbers.update(meeting.packs.values_list("supplement", flat=True))
    return sorted(numbers)


def check_exists(meeting, supplement):
    """Raise Refused where nothing has been put into that supplement."""
    if supplement and supplement not in supplements_of(meeting):
        raise Refused("There is no such supplement to this agenda.")


def latest_packs(meeting, supplement, records=None):
    """The newest build of each edition of an issue, published or not: {edition: AgendaPack}.

    `records` are the PackRecords of the meeting, if at hand.
    """
    if records is None:
        return _by_edition(
            meeting.packs.filter(supplement=supplement).select_related("built_by", "published_by").order_by("number")
        )
    return _by_edition(pack for pack in records.packs if pack.supplement == supplement)


def current_contents(meeting, supplement, plan=None, records=None):
    """What would be built now, as {edition: PackContent}; the restricted edition only where something is exempt.

    `records` are the PackRecords of the meeting, if at hand.
    """
    plan = plan or plan_of(meeting, supplement)
    records = records or records_of(meeting)
    return pack_contents(meeting, supplement, plan, _packs_before(supplement, records.packs), records)


def is_out_of_date(pack, contents):
    """Whether the pack no longer shows what `contents` (of `current_contents`) would."""
    content = contents.get(pack.edition)
    return content is None or fingerprint(content) != pack.fingerprint


def findings_for(meeting, supplement, *, now, contents=None, plan=None, on=None, records=None):
    """What a careful clerk would find before publishing: a list of preflight Findings, none where all is well.

    `on` is the moment of a planned publication: lateness is judged by it instead of `now`. `records` are the
    PackRecords of the meeting with the words of its papers, if at hand.
    """
    plan = plan or plan_of(meeting, supplement)
    records = records or records_of(meeting, words=True)
    contents = contents or current_contents(meeting, supplement, plan, records)
    return findings(gather(meeting, supplement, contents, plan, on or now, records))


@transaction.atomic
def clear_words(meeting, *, text, reason, by, now):
    """Let words of withheld material stand in public papers, with a reason on record. Returns the Clearance.

    Raises Refused, or ValidationError where a text is missing.
    """
    check_can("administer", by, meeting, timezone.localdate(now))
    if not text.strip() or not reason.strip():
        raise ValidationError({"reason": "Say why these words may be published."})
    clearance = Clearance.objects.create(
        meeting=meeting, text=text.strip(), reason=reason.strip(), cleared_at=now, cleared_by=by
    )
    said, changes = f"cleared “{text.strip()}” for publication", {"cleared_words": (None, text.strip())}
    history.write("clear_words", meeting, said, by=by, now=now, changes=changes, note=reason)
    return clearance


def _packs_before(supplement, packs):
    """The packs after which an issue carries on, by edition; none before the main agenda."""
    earlier = [pack for pack in packs if pack.supplement < supplement and pack.withdrawn_at is None]
    last = max((pack.supplement for pack in earlier), default=None)
    return _by_edition(pack for pack in earlier if pack.supplement == last)


def _by_edition(packs):
    """The last of each edition that has not been withdrawn; `packs` come in the order of their numbers."""
    return {pack.edition: pack for pack in packs if pack.withdrawn_at is None}
