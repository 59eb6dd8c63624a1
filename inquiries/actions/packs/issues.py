"""One issue of an agenda (the main one, or a supplement) as it stands: its plan, its words, what speaks against it."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from inquiries.actions import history
from inquiries.actions.meetings import locked_meeting
from inquiries.documents.agenda_pack import pack_contents
from inquiries.documents.pack.content import fingerprint
from inquiries.models import AgendaDocument, Clearance, PackPlan
from inquiries.permissions import check_can
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


def supplements_of(meeting):
    """The numbers of the issues that there are: 0, the main agenda, first."""
    numbers = {0}
    numbers.update(meeting.items.standing().values_list("supplement", flat=True))
    papers = AgendaDocument.objects.standing().filter(item__meeting=meeting, item__removed_at__isnull=True)
    numbers.update(papers.values_list("supplement", flat=True))
    numbers.update(meeting.packs.values_list("supplement", flat=True))
    return sorted(numbers)


def latest_packs(meeting, supplement):
    """The newest build of each edition of an issue, published or not: {edition: AgendaPack}."""
    return _by_edition(meeting.packs.filter(supplement=supplement, withdrawn_at__isnull=True))


def current_contents(meeting, supplement, plan=None):
    """What would be built now, as {edition: PackContent}; the restricted edition only where something is exempt."""
    plan = plan or plan_of(meeting, supplement)
    return pack_contents(meeting, supplement, plan, _packs_before(meeting, supplement))


def is_out_of_date(pack, contents):
    """Whether the pack no longer shows what `contents` (of `current_contents`) would."""
    content = contents.get(pack.edition)
    return content is None or fingerprint(content) != pack.fingerprint


def findings_for(meeting, supplement, *, now, contents=None, plan=None, on=None):
    """What a careful clerk would find before publishing: a list of preflight Findings, none where all is well.

    `on` is the moment of a planned publication: lateness is judged by it instead of `now`.
    """
    plan = plan or plan_of(meeting, supplement)
    contents = contents or current_contents(meeting, supplement, plan)
    return findings(gather(meeting, supplement, contents, plan, on or now))


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
    history.write("clear_words", meeting, f"cleared “{text.strip()}” for publication", by=by, now=now, note=reason)
    return clearance


def _packs_before(meeting, supplement):
    """The packs after which an issue carries on, by edition; none before the main agenda."""
    if supplement == 0:
        return {}
    earlier = meeting.packs.filter(supplement__lt=supplement, withdrawn_at__isnull=True)
    last = earlier.aggregate(last=Max("supplement"))["last"]
    return _by_edition(earlier.filter(supplement=last)) if last is not None else {}


def _by_edition(packs):
    return {pack.edition: pack for pack in packs.select_related("built_by", "published_by").order_by("number")}
