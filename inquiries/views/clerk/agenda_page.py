"""What the page of an agenda shows: the items with what they carry, the dates in one line, the issues to be printed."""

from dataclasses import dataclass
from datetime import date, datetime

from inquiries.choices import PackEdition, Tagging
from inquiries.deadlines import deadlines_for
from inquiries.models import AgendaDocument, AgendaItem, AgendaPack, Entry, PackPaper, ProgressReport
from inquiries.models.packs import issue_name
from inquiries.views.clerk.reports import MOST_HISTORY, Deadline

# Deeds after which a pack built before shows something else than the agenda.
AGENDA_DEEDS = frozenset(
    {
        *("changed", "cancel", "add_item", "change_item", "move_item", "remove_item"),
        *("add_paper", "change_paper", "move_paper", "remove_paper"),
    }
)
# In points, the shorter side first; makers of PDFs round.
PAPER_SIZES = {"A4": (595, 842), "A3": (842, 1191), "A5": (420, 595)}
ROUNDING = 6


@dataclass(frozen=True)
class PaperLine:
    """A paper of an item, and the places to which its buttons move it (None: no button)."""

    paper: AgendaDocument
    up: int | None
    down: int | None

    @property
    def sizes(self):
        """ "A4", or "A4 and A3 landscape"."""
        found = list(dict.fromkeys(size_of(page["width"], page["height"]) for page in self.paper.pages))
        return " and ".join(found)

    @property
    def doubt(self):
        """How it fails those who have it read aloud, in words; "" where it does not."""
        return "" if self.paper.tagging == Tagging.VALID else self.paper.get_tagging_display()


@dataclass(frozen=True)
class ItemLine:
    """An item, its papers, and the numbers to which its buttons move it (None: no button)."""

    item: AgendaItem
    papers: list[PaperLine]
    up: int | None
    down: int | None

    @property
    def printed_in(self):
        """The supplement that prints it, in words; "" for the main agenda."""
        return issue_name(self.item.supplement) if self.item.supplement else ""

    @property
    def elsewhere(self):
        """Whether its report is set down for another meeting, or for none."""
        return self.item.report is not None and self.item.report.meeting_id != self.item.meeting_id

    @property
    def is_empty(self):
        """Whether papers are promised that are not there."""
        return self.item.kind == "papers" and not self.papers and not self.item.to_follow


@dataclass(frozen=True)
class EditionLine:
    """How far a pack is, as a tag with a sentence."""

    status: str
    colour: str
    words: str


@dataclass(frozen=True)
class IssueLine:
    """The main agenda or a supplement: how far its packs are, and when it is to be published."""

    supplement: int
    public: EditionLine
    restricted: EditionLine | None  # where something is exempt, or was
    publish_on: datetime | None
    refusal: str  # why a planned publication did not happen

    @property
    def name(self):
        """ "Agenda", or "Supplement 1"."""
        return issue_name(self.supplement)

    @property
    def editions(self):
        """[(which editions, their EditionLine)]: both in one line where they are equally far."""
        if self.restricted is None:
            return [("Public edition", self.public)]
        if self.restricted == self.public:
            return [("Public and restricted editions", self.public)]
        return [("Public edition", self.public), ("Restricted edition", self.restricted)]


def agenda_page(meeting, *, now, today):
    """Everything the page of an agenda shows, as a dictionary. A constant number of queries."""
    items = list(meeting.items.select_related("report__inquiry", "report__meeting"))
    every_paper = AgendaDocument.objects.filter(item__meeting=meeting).defer("words").order_by("position", "pk")
    papers = list(every_paper)
    standing = [item for item in items if item.removed_at is None]
    packs = list(meeting.packs.defer("content").order_by("-number"))
    history = Entry.objects.about(meeting, *items, *papers, *packs)[:MOST_HISTORY]
    set_down = list(ProgressReport.objects.filter(meeting=meeting).select_related("inquiry"))
    carried = [item.report for item in standing if item.report is not None]
    reports = {report.pk: report for report in (*carried, *set_down)}
    changed_at = _last_change(history, reports.values())
    lines = item_lines(standing, papers)
    return {
        "meeting": meeting,
        "today": today,
        "is_past": meeting.start < now,
        "lines": lines,
        "missing": [report for report in set_down if report.pk not in {one.pk for one in carried}],
        "timeline": timeline(meeting, list(reports.values()), packs),
        "issues": issue_lines(lines, packs, list(meeting.pack_plans.all()), changed_at, now),
        "is_published": any(pack.is_published and not pack.supplement for pack in packs),
        "exposed_papers": exposed_papers(meeting),
        "history": history.by_day(),
    }


def item_lines(items, papers):
    """The standing items in order, each with its standing papers, as [ItemLine]."""
    below = {}
    for paper in papers:
        if paper.removed_at is None:
            below.setdefault(paper.item_id, []).append(paper)
    return [
        ItemLine(
            item,
            [PaperLine(paper, *ways) for paper, ways in _with_ways(below.get(item.pk, []))],
            *ways,
        )
        for item, ways in _with_ways(items)
    ]


def timeline(meeting, reports, packs):
    """The working and statutory dates before a meeting in the order in which they come, as [Deadline].

    Without a report the working dates are only told: nothing is late.
    """
    worked_out = deadlines_for(meeting)
    published = [pack.published_at for pack in packs if _is_main(pack) and pack.published_at and not pack.withdrawn_at]
    cancelled = meeting.cancelled_at is not None
    lines = []
    for report in reports:
        name = f"{report.inquiry.title}, {report.months_on} months on"
        lines.append(Deadline(f"Updates are due: {name}", report.updates_due_on, report.collected_at))
        lines.append(Deadline(f"Sign-off is due: {name}", report.sign_off_due_on, report.signed_off_at))
    if not reports:
        lines.append(Deadline("Updates of a progress report", worked_out.updates, None, never_late=True))
        lines.append(Deadline("Sign-off of a progress report", worked_out.sign_off, None, never_late=True))
    last_day = Deadline(
        "Last day to publish the agenda", worked_out.publication, min(published, default=None), never_late=cancelled
    )
    lines = sorted([*lines, last_day], key=lambda line: line.day or date.max)
    return [*lines, Deadline("Meeting", meeting.day, None, never_late=True)]


def issue_lines(lines, packs, plans, changed_at, now):
    """The issues that there are, the main agenda first, as [IssueLine]: twin of `actions.packs.supplements_of`.

    Whether a pack is out of date is judged by what was done to the agenda since: its own page compares the words.
    """
    numbers = {0, *(pack.supplement for pack in packs)}
    for line in lines:
        numbers.update([line.item.supplement, *(below.paper.supplement for below in line.papers)])
    planned = {plan.supplement: plan for plan in plans}
    return [_issue_line(number, lines, packs, planned.get(number), changed_at, now) for number in sorted(numbers)]


def exposed_papers(meeting):
    """Papers now marked exempt that a published public pack still carries, as PackPapers."""
    published = AgendaPack.objects.public().filter(meeting=meeting)
    return list(
        PackPaper.objects.filter(pack__in=published, document__exempt_paragraph__isnull=False)
        .select_related("pack__meeting__committee", "document")
        .defer("pack__content", "document__words", "document__pages")
    )


def size_of(width, height):
    """The name of a page's size in points: "A4", "A3 landscape", or "another size"."""
    short, long = sorted((width, height))
    for name, (known_short, known_long) in PAPER_SIZES.items():
        if abs(short - known_short) <= ROUNDING and abs(long - known_long) <= ROUNDING:
            return f"{name} landscape" if width > height else name
    return "another size"


def _with_ways(things):
    """Each thing with the places, from 1, to which one step up and one step down lead."""
    last = len(things)
    return [
        (thing, (place - 1 if place > 1 else None, place + 1 if place < last else None))
        for place, thing in enumerate(things, start=1)
    ]


def _last_change(history, reports):
    """The moment at which the agenda last changed, or None."""
    done = [entry.at for entry in history if entry.verb in AGENDA_DEEDS]
    facts = [at for report in reports for at in (report.collected_at, report.signed_off_at) if at]
    return max([*done, *facts], default=None)


def _is_main(pack):
    return pack.edition == PackEdition.PUBLIC and not pack.supplement


def _issue_line(number, lines, packs, plan, changed_at, now):
    editions = {
        edition: [pack for pack in packs if pack.edition == edition and pack.supplement == number]
        for edition in PackEdition
    }
    papers = [below.paper for line in lines for below in line.papers if below.paper.supplement == number]
    exempt = editions[PackEdition.RESTRICTED] or any(paper.exempt_paragraph is not None for paper in papers)
    public, restricted = (_edition_line(editions[edition], plan, changed_at, now) for edition in PackEdition)
    return IssueLine(
        supplement=number,
        public=public,
        restricted=restricted if exempt else None,
        publish_on=plan.publish_on if plan else None,
        refusal=plan.refusal if plan else "",
    )


def _edition_line(packs, plan, changed_at, now):
    """The EditionLine of an edition of an issue; `packs` are its builds, the latest first."""
    if plan and plan.is_being_built(now):
        return EditionLine("Being built", "blue", "A pack is being built at this moment.")
    latest = packs[0] if packs else None
    if latest is None:
        return EditionLine("Not built", "grey", "No pack has been built yet.")
    if latest.withdrawn_at:
        return EditionLine("Taken back", "red", "The published pack was taken back.")
    changed = changed_at is not None and changed_at > latest.built_at
    if latest.published_at:
        if changed:
            return EditionLine(
                "Changed since", "orange", "The agenda was changed since. The page of the pack says what is different."
            )
        return EditionLine("Published", "green", "The pack is published as the agenda stands.")
    if changed:
        return EditionLine(
            "Out of date", "orange", "The agenda was changed since. The page of the pack says what is different."
        )
    return EditionLine("Built", "blue", "The pack is built and not yet published.")
