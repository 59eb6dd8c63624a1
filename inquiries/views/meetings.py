"""Meetings and their agendas, as each person may read them: the stored content of published packs, in order."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise

from django.contrib.postgres.expressions import ArraySubquery
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import JSONObject
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from inquiries.choices import Ending, PackEdition, SeatRole, Tagging
from inquiries.documents.content import ReportContent, from_json
from inquiries.documents.minutes import Minute, MinutesContent, minutes_from_json
from inquiries.documents.pack_content import PackContent, Paper, changes_between, exempt_description, pack_from_json
from inquiries.forms.public import MeetingSearch
from inquiries.models import (
    AgendaDocument,
    AgendaPack,
    Inquiry,
    ItemOutcome,
    Meeting,
    MinutesEdition,
    PackEntry,
    PackPaper,
    Recommendation,
    ReportEdition,
    SignedMinutes,
)
from inquiries.models.packs import issue_name
from inquiries.permissions import rights_over

PER_PAGE = 20
SEATS = tuple(SeatRole.values)  # the chair comes first


@dataclass(frozen=True)
class AgendaPaper:
    """An uploaded paper with its first page in the pack ("15", or "E3" in PackPart 2)."""

    paper: Paper
    first_page: str

    @property
    def accessibility_note(self):
        """What a screen reader user should know before opening it; "" for a tagged paper."""
        return "" if self.paper.tagging == Tagging.VALID else Tagging(self.paper.tagging).label


@dataclass(frozen=True)
class AgendaReport:
    """A progress report of an item. An edition is None where the public cannot read it (any more, or yet)."""

    title: str
    for_meeting: ReportEdition | None  # as it was published for the meeting
    assessed: ReportEdition | None  # with the committee's ratings

    @property
    def page(self):
        """The address of its live page, "" where there is none."""
        edition = self.for_meeting or self.assessed
        return edition.report.get_absolute_url() if edition else ""


@dataclass(frozen=True)
class PackPart:
    """What one pack prints under an item; `withheld` counts papers of it that are no longer to be read."""

    pack: AgendaPack
    range: str
    report: AgendaReport | None = None
    papers: tuple[AgendaPaper, ...] = ()
    withheld: int = 0


@dataclass(frozen=True)
class AgendaLine:
    pk: int
    number: int
    title: str
    subtitle: str
    to_follow: bool
    paragraphs: tuple[int, ...]
    parts: tuple[PackPart, ...] = ()

    @property
    def exempt(self):
        return tuple((paragraph, exempt_description(paragraph)) for paragraph in self.paragraphs)


@dataclass(frozen=True)
class Issue:
    """The main agenda, or one supplement: the edition that holds, earlier ones, and those withdrawn.

    `pack` and `content` are None where every edition has been withdrawn. `changes` has, latest first, an edition
    and how it differs from the one before.
    """

    supplement: int
    pack: AgendaPack | None
    content: PackContent | None
    earlier: tuple[AgendaPack, ...]
    withdrawn: tuple[AgendaPack, ...]
    changes: tuple[tuple[AgendaPack, tuple[str, ...]], ...]

    @property
    def name(self):
        return issue_name(self.supplement)

    @property
    def page_count(self):
        exempt = max(0, self.pack.last_exempt_page - self.content.first_exempt_page + 1)
        return self.pack.last_page - self.pack.first_page + 1 + exempt

    @property
    def published_at(self):
        packs = [*self.earlier, *self.withdrawn, *([self.pack] if self.pack else [])]
        return min(pack.published_at for pack in packs)


@dataclass(frozen=True)
class Agenda:
    due_on: date
    issues: tuple[Issue, ...] = ()
    lines: tuple[AgendaLine, ...] = ()
    restricted: tuple[Issue, ...] = ()
    restricted_lines: tuple[AgendaLine, ...] = ()

    @property
    def is_published(self):
        return any(issue.pack for issue in self.issues)

    @property
    def published_at(self):
        return next((issue.published_at for issue in self.issues if not issue.supplement), None)

    @property
    def is_late(self):
        return self.published_at is not None and timezone.localdate(self.published_at) > self.due_on

    @property
    def members(self):
        return next((issue.content.members for issue in self.issues if issue.content), None)

    @property
    def printed_start(self):
        return next((issue.content.moment for issue in reversed(self.issues) if issue.content), None)

    @property
    def printed_venue(self):
        return next((issue.content.venue for issue in reversed(self.issues) if issue.content), None)


def with_agendas(meetings):
    """The meetings, each with `has_agenda`: whether its main agenda is public."""
    packs = AgendaPack.objects.public().filter(meeting=OuterRef("pk"), supplement=0)
    return meetings.annotate(has_agenda=Exists(packs))


def latest_agendas():
    """The public packs that hold now (of several editions the last), the latest published first."""
    newer = AgendaPack.objects.public().filter(
        meeting=OuterRef("meeting"), supplement=OuterRef("supplement"), number__gt=OuterRef("number")
    )
    packs = AgendaPack.objects.public().filter(~Exists(newer)).defer("content")
    return packs.select_related("meeting__committee").order_by("-published_at", "-pk")


ENTRY = JSONObject(item_id="item_id", exempt="exempt", first_page="first_page", last_page="last_page")
PAPER = JSONObject(document="document_id", first_page="first_page")
OF_WITHDRAWN = ("meeting", "edition", "supplement", "number", "published_at", "withdrawn_at", "withdrawn_reason")


def build_agenda(meeting, person, today, *, restricted):
    """What `person` reads of the agenda of `meeting`: an Agenda. `restricted` says that they read what is exempt."""
    editions = [PackEdition.PUBLIC, *([PackEdition.RESTRICTED] if restricted else [])]
    if restricted:
        packs = AgendaPack.objects.visible_to(person, today).published()
        papers = AgendaDocument.objects.visible_to(person, today)
    else:
        # Who does not read what is exempt reads what everybody does.
        packs, papers = AgendaPack.objects.public(), AgendaDocument.objects.public()
    papers = papers.filter(item__meeting=meeting).values("pk")
    entries = PackEntry.objects.filter(pack=OuterRef("pk")).order_by("exempt", "first_page").values(row=ENTRY)
    carried = PackPaper.objects.filter(pack=OuterRef("pk"), document__in=papers).order_by().values(row=PAPER)
    found = packs.filter(meeting=meeting).order_by("number").defer("screen_end")
    current = list(found.annotate(entry_rows=ArraySubquery(entries), paper_rows=ArraySubquery(carried)))
    # Without their words: a pack may have been withdrawn because of them.
    is_withdrawn = Q(meeting=meeting, edition__in=editions, withdrawn_at__isnull=False)
    withdrawn = list(AgendaPack.objects.filter(is_withdrawn).order_by("number").only(*OF_WITHDRAWN))
    readable = {paper["document"] for pack in current for paper in pack.paper_rows}
    issues = {
        edition: build_issues(
            [pack for pack in current if pack.edition == edition],
            [pack for pack in withdrawn if pack.edition == edition],
            readable,
        )
        for edition in editions
    }
    versions = report_editions([issue for found in issues.values() for issue in found])
    return Agenda(
        due_on=meeting.deadlines.publication,
        issues=issues[PackEdition.PUBLIC],
        lines=build_lines(issues[PackEdition.PUBLIC], versions, readable, exempt=False),
        restricted=issues.get(PackEdition.RESTRICTED, ()),
        restricted_lines=build_lines(issues.get(PackEdition.RESTRICTED, ()), versions, readable, exempt=True),
    )


def build_issues(current, withdrawn, readable):
    found = []
    for supplement in sorted({pack.supplement for pack in (*current, *withdrawn)}):
        packs = sorted((p for p in current if p.supplement == supplement), key=lambda pack: pack.number)
        contents = [pack_from_json(pack.content) for pack in packs]
        # Titles of papers that may no longer be read are in no sentence either.
        shown = [without_unreadable_papers(content, readable) for content in contents]
        changes = [
            (pack, tuple(changes_between(old, new)))
            for pack, (old, new) in zip(packs[1:], pairwise(shown), strict=True)
        ]
        found.append(
            Issue(
                supplement=supplement,
                pack=packs[-1] if packs else None,
                content=contents[-1] if packs else None,
                earlier=tuple(reversed(packs[:-1])),
                withdrawn=tuple(pack for pack in withdrawn if pack.supplement == supplement),
                changes=tuple(reversed(changes)),
            )
        )
    return tuple(found)


def without_unreadable_papers(content, readable):
    items = tuple(
        replace(item, papers=tuple(paper for paper in item.papers if paper.pk in readable)) for item in content.items
    )
    return replace(content, items=items)


def report_editions(issues):
    contents = [issue.content for issue in issues if issue.content]
    reports = {
        report.pk for content in contents for item in content.items for report in (item.report, item.exempt_report)
        if report
    }  # fmt: skip
    found = {}
    if reports:
        editions = ReportEdition.objects.filter(report__in=reports).defer("content").order_by("number")
        for edition in editions.select_related("report__inquiry"):
            found.setdefault(edition.report_id, []).append(edition)
    return found


def build_lines(issues, versions, readable, *, exempt):
    """The items of all issues by number: what PackPart 1 prints of them or, with `exempt`, what PackPart 2 does."""
    lines = {}
    for issue in issues:
        for item in issue.content.items if issue.content else ():
            before = lines.get(item.pk)
            part = build_part(issue.pack, item, versions, readable, exempt)
            came = item.has_public_pages or bool(item.exempt_paragraphs)
            lines[item.pk] = AgendaLine(
                pk=item.pk,
                number=item.number,
                title=item.title,
                subtitle=item.subtitle,
                to_follow=item.to_follow if before is None else before.to_follow and not came,
                paragraphs=tuple(sorted({*item.exempt_paragraphs, *(before.paragraphs if before else ())})),
                parts=(*(before.parts if before else ()), *([part] if part else [])),
            )
    shown = (line for line in lines.values() if line.parts or not exempt)
    return tuple(sorted(shown, key=lambda line: line.number))


def build_part(pack, item, versions, readable, exempt):
    report, papers = (item.exempt_report, item.exempt_papers) if exempt else (item.report, item.papers)
    if report is None and not papers:
        return None
    starts = {paper["document"]: paper["first_page"] for paper in pack.paper_rows}
    entries = [PackEntry(**row) for row in pack.entry_rows]
    ranges = [entry.range for entry in entries if entry.item_id == item.pk and entry.exempt == exempt]
    series = "E" if exempt else ""
    shown = [paper for paper in papers if paper.pk in readable]
    return PackPart(
        pack=pack,
        range=ranges[0] if ranges else "",
        report=build_agenda_report(report, versions, pack.published_at) if report else None,
        papers=tuple(AgendaPaper(paper, f"{series}{starts.get(paper.pk, '')}") for paper in shown),
        withheld=len(papers) - len(shown),
    )


def build_agenda_report(report, versions, published_at: datetime):
    editions = versions.get(report.pk, [])
    for_meeting = [e for e in editions if not e.after_meeting and e.published_at <= published_at]
    after = [e for e in editions if e.after_meeting]
    return AgendaReport(report.content.title, for_meeting[-1] if for_meeting else None, after[-1] if after else None)


@dataclass(frozen=True)
class AssessedReport:
    """A report with the committee's confirmed ratings: the newest edition, and what it holds."""

    edition: ReportEdition
    content: ReportContent

    @property
    def address(self):
        """The arguments of its address."""
        return self.edition.report.inquiry.slug, self.edition.report.months_on, self.edition.number


@dataclass(frozen=True)
class Decision:
    """What the minutes say of an item, with its report where that was assessed."""

    minute: Minute
    report: AssessedReport | None


@dataclass(frozen=True)
class Decisions:
    """What is public of a meeting after it: `edition` and its `content` where what was decided is published."""

    edition: MinutesEdition | None
    content: MinutesContent | None
    decisions: tuple[Decision, ...]
    reports: tuple[AssessedReport, ...]  # those assessed at the meeting that no published item carries
    ended: tuple[Recommendation, ...]  # otherwise than by being considered implemented
    earlier: tuple[MinutesEdition, ...]  # and those withdrawn
    signed: SignedMinutes | None
    signed_before: tuple[SignedMinutes, ...]  # withdrawn


def build_decisions(meeting, *, restricted=False):
    """What is public of a meeting after it; for those who read what is exempt, `restricted`, with the exempt parts of
    the outcomes as they are recorded, once the minutes are published."""
    editions = list(meeting.minutes_editions.all())
    signed = list(meeting.signed_minutes.select_related("signed_meeting"))
    assessed = ReportEdition.objects.filter(
        report__meeting=meeting, report__assessed_at__isnull=False, after_meeting=True
    )
    # Of each report the newest.
    newest = {one.report_id: one for one in assessed.select_related("report__inquiry").order_by("number")}
    reports = {key: AssessedReport(one, from_json(one.content)) for key, one in newest.items()}
    edition = editions[-1] if editions and editions[-1].withdrawn_at is None else None
    content = minutes_from_json(edition.content) if edition else None
    if content and restricted and any(one.exempt for one in content.minutes):
        content = replace(content, minutes=with_exempt_text(content.minutes))
    carried = {}
    if edition and reports:
        carried = dict(meeting.items.filter(report__in=reports).values_list("pk", "report"))
    decisions = [Decision(one, reports.get(carried.get(one.item_id))) for one in content.minutes] if content else []
    shown = {one.report.edition.report_id for one in decisions if one.report}
    ended = Recommendation.objects.filter(ended_meeting=meeting, inquiry__in=Inquiry.objects.public())
    ended = ended.exclude(ended_as=Ending.IMPLEMENTED)
    return Decisions(
        edition=edition,
        content=content,
        decisions=tuple(decisions),
        reports=tuple(report for key, report in reports.items() if key not in shown),
        ended=tuple(ended.select_related("inquiry", "ended_meeting").order_by("inquiry__title", "reference_key")),
        earlier=tuple(one for one in reversed(editions) if one != edition),
        signed=next((one for one in signed if one.withdrawn_at is None), None),
        signed_before=tuple(one for one in signed if one.withdrawn_at is not None),
    )


def with_exempt_text(minutes):
    outcomes = ItemOutcome.objects.filter(item__in=[one.item_id for one in minutes if one.exempt])
    texts = dict(outcomes.values_list("item", "exempt_text"))
    return tuple(
        replace(one, exempt=replace(one.exempt, text=texts.get(one.item_id, ""))) if one.exempt else one
        for one in minutes
    )


@require_safe
def minutes(request, pk, number):
    """The minutes as they were published, by themselves: to read aloud, to print, to quote."""
    editions = MinutesEdition.objects.visible_to(request.user).select_related("meeting__committee")
    edition = get_object_or_404(editions, meeting=pk, number=number)
    context = {
        "meeting": edition.meeting,
        "edition": edition,
        "content": minutes_from_json(edition.content),
        "later": edition.meeting.minutes_editions.public().filter(number__gt=number).order_by("number").last(),
    }
    return render(request, "public/minutes.html", context)


@require_safe
def meetings(request):
    form = MeetingSearch(request.GET)
    found = with_agendas(form.found(timezone.now())).select_related("committee")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "public/meetings_list.html", {"form": form, "page": page, "past": form.is_past})


@require_safe
def meeting(request, pk):
    meeting = get_object_or_404(Meeting.objects.select_related("committee"), pk=pk)
    rights = rights_over(request.user, meeting, timezone.localdate(), "see_exempt", "administer")
    return render_meeting(request, meeting, request.user, rights)


def render_meeting(request, meeting, person, rights):
    """The page as `person` with these rights reads it."""
    today = timezone.localdate()
    restricted = "see_exempt" in rights
    agenda = build_agenda(meeting, person, today, restricted=restricted)
    context = {
        "meeting": meeting,
        "agenda": agenda,
        "members": members_with_roles(meeting) if agenda.members is None else agenda.members,
        "moved": agenda.printed_start not in (None, meeting.start),
        "elsewhere": agenda.printed_venue not in (None, meeting.venue),
        "today": today,
        "is_over": meeting.day < today,
        "after": build_decisions(meeting, restricted=restricted) if meeting.start <= timezone.now() else None,
        "may_administer": "administer" in rights,
    }
    return render(request, "public/meeting.html", context)


def members_with_roles(meeting):
    seats = seats_in_order(meeting.committee, meeting.day)
    return [(name, "" if role == SeatRole.MEMBER else role.label) for name, role in seats]


def seats_in_order(committee, day):
    """Who sits on the committee, as (name, SeatRole): the chair comes first."""
    seats = committee.memberships.on(day).order_by().values_list("person__name", "role")
    found = [(name, SeatRole(role)) for name, role in seats]
    return sorted(found, key=lambda seat: (SEATS.index(seat[1]), seat[0].casefold()))
