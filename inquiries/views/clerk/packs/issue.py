"""One issue of an agenda, the main one or a supplement, as its pages show it."""

from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import FilteredRelation, Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from inquiries.actions import packs
from inquiries.choices import PackEdition, Tagging
from inquiries.documents.agenda_pack import PackRecords, records_of
from inquiries.documents.pack.changes import changes_between
from inquiries.documents.pack.content import PackContent, from_json
from inquiries.models import AgendaItem, AgendaPack, Meeting, PackEntry, PackPlan
from inquiries.models.packs import issue_name

NOTHING_EXEMPT = "Nothing on this agenda is exempt any more, so no restricted edition is needed."
PRINTED_OTHERWISE = "It would be printed in another way now."


@dataclass(frozen=True)
class State:
    """How far one edition is: its newest build, and why that no longer shows what stands on the agenda."""

    name: str
    pack: AgendaPack | None
    is_out_of_date: bool = False
    reasons: tuple[str, ...] = ()
    badly_read: tuple[str, ...] = ()  # papers that fail those who have them read aloud, and how

    @property
    def is_current(self):
        """Built, and as the agenda is now."""
        return self.pack is not None and not self.is_out_of_date

    @property
    def tag(self):
        """(words, colour of the tag)"""
        if self.pack is None:
            return "Not built", "grey"
        if self.is_out_of_date:
            return ("Published, but changed since" if self.pack.is_published else "Out of date"), "orange"
        return ("Published", "green") if self.pack.is_published else ("Built", "blue")


@dataclass
class Pages:
    """On which pages one item stands: "15 - 20" for everybody, "E1 - E4" in Part 2."""

    item: AgendaItem
    public: str = ""
    exempt: str = ""


@dataclass(frozen=True)
class Issue:
    """Everything that the pages about one issue know of it."""

    meeting: Meeting
    supplement: int
    plan: PackPlan
    records: PackRecords
    contents: dict[str, PackContent]
    newest: dict[str, AgendaPack]
    kept: list[AgendaPack] = field(default_factory=list)  # what was ever published, the latest first

    @property
    def name(self):
        """ "Agenda", or "Supplement 1"."""
        return issue_name(self.supplement)

    @property
    def title(self):
        """ "Agenda pack", or "Supplement 1"."""
        return self.name if self.supplement else "Agenda pack"

    @cached_property
    def states(self):
        """The state of each edition that there is, or should be."""
        wanted = [edition for edition in PackEdition if edition in self.contents or edition in self.newest]
        return [state_of(self.newest.get(edition), self.contents.get(edition), edition) for edition in wanted]

    @property
    def is_built(self):
        """Whether every edition shows what stands on the agenda now."""
        return all(state.is_current for state in self.states)

    @property
    def is_as_published(self):
        """Whether there is nothing to publish: all of it is out, and nothing has changed since."""
        return all(state.is_current and state.pack.is_published for state in self.states)

    @property
    def last_published(self):
        """The public pack that everybody reads now, or None."""
        return next((pack for pack in self.kept if pack.edition == PackEdition.PUBLIC and pack.is_published), None)

    @cached_property
    def changes(self):
        """What the next public edition changes, in sentences; none before the first."""
        before = self.last_published
        return changes_between(from_json(before.content), self.contents[PackEdition.PUBLIC]) if before else []

    def findings(self, now):
        """What the pre-flight finds now. The issue has to be fetched with the words of its papers."""
        return packs.findings_for(
            self.meeting, self.supplement, now=now, contents=self.contents, plan=self.plan, records=self.records
        )

    @property
    def number(self):
        """The number of the public edition that is published next."""
        return sum(pack.edition == PackEdition.PUBLIC for pack in self.kept) + 1


def meeting_or_404(pk):
    """The meeting with its committee."""
    return get_object_or_404(Meeting.objects.select_related("committee"), pk=pk)


def issue_or_404(pk, supplement, *, words=False):
    """The issue with all that its pages show. 404 where the meeting has no such supplement.

    Its papers come with their `words` only if asked for: they are long.
    """
    meeting = get_object_or_404(
        Meeting.objects.annotate(
            plan=FilteredRelation("pack_plans", condition=Q(pack_plans__supplement=supplement))
        ).select_related("committee", "plan__started_by", "plan__planned_by"),
        pk=pk,
    )
    records = records_of(meeting, words=words)
    if supplement not in packs.supplements_of(meeting, records):
        raise Http404
    # Where there is no plan yet, the meeting has no such attribute.
    plan = getattr(meeting, "plan", None) or PackPlan(meeting=meeting, supplement=supplement)
    kept = [pack for pack in records.packs if pack.supplement == supplement and pack.published_at is not None]
    return Issue(
        meeting=meeting,
        supplement=supplement,
        plan=plan,
        records=records,
        contents=packs.current_contents(meeting, supplement, plan, records),
        newest=packs.latest_packs(meeting, supplement, records),
        # The latest first, and of those published together the public one.
        kept=sorted(sorted(kept, key=lambda pack: pack.edition), key=lambda pack: pack.published_at, reverse=True),
    )


def state_of(pack, content, edition):
    """The State of an edition whose newest build is `pack`, where `content` would be built now; either may be None."""
    name = PackEdition(edition).label
    if pack is None:
        return State(name, None)
    if not packs.is_out_of_date(pack, {edition: content} if content else {}):
        return State(name, pack, badly_read=_badly_read(content))
    before = from_json(pack.content)
    badly_read = _badly_read(before)
    if content is None:
        return State(name, pack, True, (NOTHING_EXEMPT,), badly_read)
    reasons = changes_between(before, content)
    if before.duplex != content.duplex:
        reasons.append(f"It is to be printed on {'both sides' if content.duplex else 'one side'}.")
    return State(name, pack, True, tuple(reasons) or (PRINTED_OTHERWISE,), badly_read)


def _badly_read(content):
    papers = ((item, paper) for item in content.items for paper in (*item.papers, *item.exempt_papers))
    return tuple(
        f"Item {item.number}, “{paper.title}”: {Tagging(paper.tagging).label.lower()}"
        for item, paper in papers
        if paper.tagging != Tagging.VALID
    )


def pages_of(newest):
    """[Pages] in the order of the agenda, from the newest builds by edition."""
    editions = {pack.pk: edition for edition, pack in newest.items()}
    entries = PackEntry.objects.filter(pack__in=editions).select_related("item")
    found = {}
    for entry in entries.order_by("item__number", "exempt", "first_page"):
        pages = found.setdefault(entry.item_id, Pages(entry.item))
        if entry.exempt:
            pages.exempt = entry.range
        elif editions[entry.pack_id] == PackEdition.PUBLIC:
            pages.public = entry.range
    return list(found.values())


def address(name, meeting, supplement, *more):
    """The address of a page about an issue."""
    return reverse(f"clerk:{name}", args=[meeting.pk, supplement, *more])


def crumbs(meeting, supplement, *more):
    """The way to a page about an issue; `more` are the words of the pages below it."""
    return [
        ("Your work", reverse("public:home")),
        (str(meeting), reverse("clerk:agenda", args=[meeting.pk])),
        (issue_name(supplement) if supplement else "Agenda pack", address("pack", meeting, supplement)),
        *((words, "") for words in more),
    ]
