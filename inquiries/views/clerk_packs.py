"""One issue of an agenda, the main one or a supplement, as its pages show it."""

from dataclasses import dataclass, field
from functools import cached_property, partial
from io import BytesIO

from django.contrib import messages
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import FilteredRelation, OuterRef, Q
from django.db.models.functions import JSONObject
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from inquiries.actions import packs
from inquiries.choices import PackEdition, Stage, Tagging
from inquiries.documents.pack_content import PackContent, PackRecords, changes_between, pack_from_json, records_of
from inquiries.documents.pack_merge import reprint
from inquiries.documents.typst_runner import PdfFailed
from inquiries.forms.clerk_packs import (
    ClearWordsForm,
    EditionForm,
    PlanForm,
    PublishForm,
    TextForm,
    TickFindingsForm,
    WithdrawPackForm,
)
from inquiries.models import AgendaItem, AgendaPack, Meeting, PackEntry, PackPlan, ProgressReport, TickedFinding
from inquiries.models.packs import issue_name
from inquiries.permissions import Refused
from inquiries.rules import next_step_of_pack
from inquiries.templatetags.scrutiny import moment
from inquiries.views.clerk_meetings import EditionStatus, edition_status, meeting_or_404
from inquiries.views.drafts import delete_draft, find_draft
from inquiries.views.form_processing import ConfirmForm, Success, apply_action, bound_data, clerk_required, process_form

NOTHING_EXEMPT = "Nothing on this agenda is exempt any more, so no restricted edition is needed."
PRINTED_OTHERWISE = "It would be printed in another way now."


@dataclass(frozen=True)
class EditionState:
    """How far one edition is: its newest build, and why that no longer shows what is on the agenda."""

    name: str
    pack: AgendaPack | None
    status: EditionStatus
    reasons: tuple[str, ...] = ()  # why it is out of date
    inaccessible_papers: tuple[str, ...] = ()  # papers that fail those who have them read aloud, and how

    @property
    def is_current(self):
        return self.pack is not None and not self.reasons


@dataclass
class ItemPages:
    item: AgendaItem
    public: str = ""
    exempt: str = ""


@dataclass(frozen=True)
class Issue:
    meeting: Meeting
    supplement: int
    plan: PackPlan
    records: PackRecords
    contents: dict[str, PackContent]
    newest: dict[str, AgendaPack]
    kept: list[AgendaPack] = field(default_factory=list)  # what was ever published, the latest first

    @property
    def name(self):
        return issue_name(self.supplement)

    @property
    def title(self):
        return self.name if self.supplement else "Agenda pack"

    @cached_property
    def states(self):
        wanted = [edition for edition in PackEdition if edition in self.contents or edition in self.newest]
        return [edition_state(self.newest.get(edition), self.contents.get(edition), edition) for edition in wanted]

    @property
    def is_built(self):
        return all(state.is_current for state in self.states)

    @property
    def is_as_published(self):
        """Whether there is nothing to publish: all of it is out, and nothing has changed since."""
        return all(state.is_current and state.pack.is_published for state in self.states)

    @property
    def last_published(self):
        return next((pack for pack in self.kept if pack.edition == PackEdition.PUBLIC and pack.is_published), None)

    @cached_property
    def changes(self):
        before = self.last_published
        return changes_between(pack_from_json(before.content), self.contents[PackEdition.PUBLIC]) if before else []

    def findings(self, now):
        """(those that stop publication, those that are worth a look, those that are ticked off, each with who did)."""
        found = packs.findings_for(self.plan, now=now, contents=self.contents, records=self.records)
        ticked = {one["key"]: one for one in self.meeting.ticked}
        looked_at = {finding.key: finding for finding in found if not finding.stops and finding.key in ticked}
        return (
            [finding for finding in found if finding.stops],
            [finding for finding in found if not finding.stops and finding.key not in ticked],
            [(finding, ticked[key] | {"at": parse_datetime(ticked[key]["at"])}) for key, finding in looked_at.items()],
        )

    @property
    def number(self):
        return sum(pack.edition == PackEdition.PUBLIC for pack in self.kept) + 1


TICKED = JSONObject(key="key", reason="reason", by="ticked_by__name", at="ticked_at")


def issue_or_404(pk, supplement, *, page_texts=False):
    """The issue with all that its pages show. 404 where the meeting has no such supplement.

    Its papers come with their `page_texts` only if asked for: they are long.
    """
    meeting = get_object_or_404(
        Meeting.objects.annotate(
            plan=FilteredRelation("pack_plans", condition=Q(pack_plans__supplement=supplement)),
            ticked=ArraySubquery(TickedFinding.objects.filter(meeting=OuterRef("pk")).values(json=TICKED)),
        ).select_related("committee", "plan__started_by", "plan__planned_by"),
        pk=pk,
    )
    records = records_of(meeting, page_texts=page_texts)
    if supplement not in packs.supplements_of(meeting, records):
        raise Http404
    # Where there is no plan yet, the meeting has no such attribute.
    plan = getattr(meeting, "plan", None) or PackPlan(supplement=supplement)
    plan.meeting = meeting
    kept = [pack for pack in records.packs if pack.supplement == supplement and pack.published_at is not None]
    return Issue(
        meeting=meeting,
        supplement=supplement,
        plan=plan,
        records=records,
        contents=packs.current_contents(plan, records),
        newest=packs.latest_packs(meeting, supplement, records),
        # The latest first, and of those published together the public one.
        kept=sorted(sorted(kept, key=lambda pack: pack.edition), key=lambda pack: pack.published_at, reverse=True),
    )


def edition_state(pack, content, edition):
    contents = {edition: content} if content else {}
    name, status = PackEdition(edition).label, edition_status(pack, contents)
    if pack is None:
        return EditionState(name, None, status)
    if not packs.is_out_of_date(pack, contents):
        return EditionState(name, pack, status, inaccessible_papers=list_inaccessible_papers(content))
    before = pack_from_json(pack.content)
    reasons = changes_between(before, content) if content else [NOTHING_EXEMPT]
    if content and before.duplex != content.duplex:
        reasons.append(f"It is to be printed on {'both sides' if content.duplex else 'one side'}.")
    return EditionState(name, pack, status, tuple(reasons) or (PRINTED_OTHERWISE,), list_inaccessible_papers(before))


def list_inaccessible_papers(content):
    papers = ((item, paper) for item in content.items for paper in (*item.papers, *item.exempt_papers))
    return tuple(
        f"Item {item.number}, “{paper.title}”: {Tagging(paper.tagging).label.lower()}"
        for item, paper in papers
        if paper.tagging != Tagging.VALID
    )


def pages_by_item(newest):
    editions = {pack.pk: edition for edition, pack in newest.items()}
    entries = PackEntry.objects.filter(pack__in=editions).select_related("item")
    found = {}
    for entry in entries.order_by("item__number", "exempt", "first_page"):
        pages = found.setdefault(entry.item_id, ItemPages(entry.item))
        if entry.exempt:
            pages.exempt = entry.range
        elif editions[entry.pack_id] == PackEdition.PUBLIC:
            pages.public = entry.range
    return list(found.values())


def pack_url(name, meeting, supplement, *more):
    return reverse(f"clerk:{name}", args=[meeting.pk, supplement, *more])


def pack_breadcrumbs(meeting, supplement, *more):
    return [
        (str(meeting), reverse("clerk:agenda", args=[meeting.pk])),
        (issue_name(supplement) if supplement else "Agenda pack", pack_url("pack", meeting, supplement)),
        *((heading, "") for heading in more),
    ]


MOST_NOTICED = 6  # sentences in one message


@clerk_required
def pack(request, pk, supplement):
    issue = issue_or_404(pk, supplement)
    form = PlanForm(request.POST if request.method == "POST" else None, initial={"duplex": issue.plan.duplex})
    action = partial(packs.save_plan, issue.meeting, supplement, by=request.user, now=timezone.now())
    if request.method == "POST" and form.is_valid() and apply_action(form, action, **form.cleaned_data):
        sides = "both sides" if form.cleaned_data["duplex"] else "one side"
        messages.success(request, f"The pack is built for printing on {sides} from now on.")
        return redirect(pack_url("pack", issue.meeting, supplement))
    return render_pack_page(request, issue, form)


@clerk_required
def build_pack(request, pk, supplement):
    """Build both editions. A script that asks for JSON is notified where to go then, or what the problem is."""
    meeting = meeting_or_404(pk)
    here = pack_url("pack", meeting, supplement)
    if request.method != "POST":
        return redirect(here)
    now = timezone.now()
    scripted, warnings = request.headers.get("Accept") == "application/json", []
    try:
        built = packs.build_packs(meeting, supplement, by=request.user, now=now, on_warning=warnings.append)
    except (Refused, PdfFailed) as refused:
        if scripted:
            return JsonResponse({"problem": str(refused)})
        issue = issue_or_404(pk, supplement)
        return render_pack_page(request, issue, PlanForm(initial={"duplex": issue.plan.duplex}), problem=str(refused))
    messages.success(request, describe_build(built, now))
    if warnings:
        messages.warning(request, summarise_warnings(warnings))
    return JsonResponse({"address": here}) if scripted else redirect(here)


@never_cache
@require_safe
@clerk_required
def pack_progress(request, pk, supplement):
    plan = packs.plan_of(meeting_or_404(pk), supplement)
    return JsonResponse(
        {
            "building": plan.is_being_built,
            "step": plan.step,
            "done": plan.done,
            "total": plan.total,
            "by": str(plan.started_by or ""),
            "failure": plan.last_failure,
        }
    )


def render_pack_page(request, issue, form, *, problem=""):
    every = packs.supplements_of(issue.meeting, issue.records)
    is_being_built = issue.plan.is_being_built
    context = {
        "issue": issue,
        "meeting": issue.meeting,
        "plan": issue.plan,
        "is_being_built": is_being_built,
        "step": next_step_of_pack(
            is_being_built=is_being_built, is_built=issue.is_built, is_published=issue.is_as_published
        ),
        "pages": pages_by_item(issue.newest),
        "others": [number for number in every if number != issue.supplement],
        "form": form,
        "problem": problem,
        "crumbs": [*pack_breadcrumbs(issue.meeting, issue.supplement)[:-1], (issue.title, "")],
    }
    if problem:
        context["error_list"] = [(problem, "")]
    return render(request, "clerk/pack.html", context)


def describe_build(built, now):
    if all(pack.built_at < now for pack in built.values()):
        return "Nothing has changed since the pack was built, so it stays as it is."
    names = " and ".join(pack.get_edition_display().lower() for pack in built.values())
    return f"The pack is built: {names} edition{'s' if len(built) > 1 else ''}. Look at it before you publish it."


def summarise_warnings(warnings):
    more = len(warnings) - MOST_NOTICED
    rest = f" And {more} more, in the history of the agenda." if more > 0 else ""
    return " ".join(warnings[:MOST_NOTICED]) + rest


@clerk_required
def check_pack(request, pk, supplement):
    """What the check finds; what is as it should be is ticked off there, with a reason, and taken back."""
    issue = issue_or_404(pk, supplement, page_texts=True)
    stopping, others, ticked = issue.findings(timezone.now())
    here = pack_url("check_pack", issue.meeting, supplement)
    if request.method == "POST" and "untick" in request.POST:
        if one := issue.meeting.ticked_findings.filter(key=request.POST["untick"]).first():
            packs.untick_finding(one, by=request.user, now=timezone.now())
            messages.success(request, "The finding is shown again.")
        return redirect(here)
    form = TickFindingsForm(bound_data(request), found=others)

    def tick(findings, **values):
        chosen = [finding for finding in others if finding.key in findings]
        packs.tick_findings(issue.meeting, chosen, **values)

    context = {
        "issue": issue,
        "meeting": issue.meeting,
        "stopping": stopping,
        "others": others,
        "ticked": ticked,
        "chosen": form["findings"].value() or (),
        "crumbs": pack_breadcrumbs(issue.meeting, supplement, "Check before publishing"),
    }
    return process_form(request, form, tick, Success(here, "It is ticked off."), context)


@clerk_required
def clear_words(request, pk, supplement):
    meeting = meeting_or_404(pk)
    asked = TextForm(request.GET)
    found = asked.cleaned_data["text"] if asked.is_valid() else ""
    # Either found in the pack, or in something else that everybody would read.
    back = pack_url("publish_pack" if found else "pack", meeting, supplement)
    what = "Publish the pack again: it" if found else "What is published next"
    return process_form(
        request,
        ClearWordsForm(bound_data(request), initial={"text": found}),
        partial(packs.clear_words, meeting),
        Success(back, f"This text may be published. {what} will be searched again."),
        {
            "meeting": meeting,
            "back": back,
            "crumbs": pack_breadcrumbs(meeting, supplement, "Allow this text"),
        },
    )


NOT_BUILT = "This edition of the pack has not been built yet, so there is nothing to print."
NO_PAGES = "This item has no pages in the pack that was built last."
NO_FILE = "The file of the pack is not where it was stored."


@require_safe
@clerk_required
def front_sheet(request, pk, supplement):
    meeting, pack = latest_pack_or_404(request, pk, supplement)
    if pack is None:
        return render_nothing_to_print(request, meeting, supplement, NOT_BUILT)
    first = min((entry.first_page for entry in pack.entries.all() if not entry.exempt), default=pack.last_page + 1)
    # A pack whose first paper starts on its first page would be no pack: there is always a front sheet.
    last = max(first - pack.first_page - 1, 0)
    return pdf_of_pages(request, pack, 0, last, f"front-sheet-{issue_name(supplement)}")


@require_safe
@clerk_required
def reprint_item(request, pk, supplement, item):
    meeting, pack = latest_pack_or_404(request, pk, supplement)
    if pack is None:
        return render_nothing_to_print(request, meeting, supplement, NOT_BUILT)
    exempt = pack.edition == PackEdition.RESTRICTED
    # Compared here: the address may hold a number that no column holds.
    entries = pack.entries.select_related("item").filter(exempt=exempt)
    entry = next((entry for entry in entries if entry.item_id == item), None)
    if entry is None:
        return render_nothing_to_print(request, meeting, supplement, NO_PAGES)
    before = page_offset(pack, exempt)
    return pdf_of_pages(request, pack, entry.first_page - before, entry.last_page - before, f"item-{entry.item.number}")


def latest_pack_or_404(request, pk, supplement):
    form = EditionForm(request.GET)
    if not form.is_valid():
        raise Http404
    meeting = meeting_or_404(pk)
    pack = packs.latest_packs(meeting, supplement).get(form.cleaned_data["edition"])
    return meeting, pack


def page_offset(pack, exempt):
    """What to take from a printed page number to have the index of the page in the file."""
    if not exempt:
        return pack.first_page
    # Part 2 begins where Part 1 ends, and its numbers carry on from the issue before.
    return pack.content["first_exempt_page"] - (pack.last_page - pack.first_page + 1)


def pdf_of_pages(request, pack, first, last, name):
    output = BytesIO()
    try:
        with pack.file.open("rb") as kept:
            reprint(kept.read(), first, last, output)
    except FileNotFoundError:
        return render(request, "public/missing_file.html", {"reason": NO_FILE, "thing": pack.meeting}, status=503)
    response = HttpResponse(output.getvalue(), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name.lower().replace(" ", "-")}.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def render_nothing_to_print(request, meeting, supplement, reason):
    context = {
        "reason": reason,
        "meeting": meeting,
        "supplement": supplement,
        "crumbs": pack_breadcrumbs(meeting, supplement),
    }
    return render(request, "clerk/nothing_to_print.html", context, status=404)


@clerk_required
def publish_pack(request, pk, supplement):
    issue = issue_or_404(pk, supplement, page_texts=True)
    now, plan = timezone.now(), issue.plan
    form = PublishForm(bound_data(request), meeting=issue.meeting, now=now, urgency_reason=plan.urgency_reason)

    def publish(publish_on, **values):
        if publish_on is None:
            packs.publish_packs(issue.meeting, supplement, **values)
        else:
            packs.plan_publication(issue.meeting, supplement, publish_on=publish_on, **values)

    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in ("publish_on", "urgency_reason")}
        if apply_action(form, publish, **values, by=request.user, now=now):
            delete_draft(request)
            messages.success(request, describe_publication(issue, form.cleaned_data["publish_on"]))
            return redirect(pack_url("pack", issue.meeting, supplement))
        # What was built on the way is there now, whatever was refused.
        issue = issue_or_404(pk, supplement, page_texts=True)
    context = {
        "form": form,
        "draft": find_draft(request),
        **publish_page_context(issue, now),
    }
    return render(request, "clerk/publish_pack.html", context)


@clerk_required
def unplan_pack(request, pk, supplement):
    meeting = meeting_or_404(pk)
    plan = packs.plan_of(meeting, supplement)
    if plan.publish_on is None and request.method != "POST":
        raise Refused("No publication is planned.")
    back = pack_url("pack", meeting, supplement)
    return process_form(
        request,
        ConfirmForm(bound_data(request)),
        partial(packs.unplan_publication, meeting, supplement),
        Success(back, "The planned publication is withdrawn. Nothing is published by itself."),
        {
            "meeting": meeting,
            "plan": plan,
            "back": back,
            "crumbs": pack_breadcrumbs(meeting, supplement, "Do not publish"),
        },
    )


@clerk_required
def withdraw_pack(request, pk, pack):
    found = AgendaPack.objects.select_related("meeting__committee", "published_by")
    pack = get_object_or_404(found, pk=pack)
    if pack.meeting_id != pk:
        raise Http404
    if not pack.is_published and request.method != "POST":
        raise Refused("This pack is not published.")
    back = pack_url("pack", pack.meeting, pack.supplement)
    restricted = packs.restricted_beside(pack) if pack.is_published else []
    return process_form(
        request,
        WithdrawPackForm(bound_data(request), restricted=restricted),
        partial(packs.withdraw_pack, pack),
        Success(back, f"{pack.name} is withdrawn."),
        {
            "pack": pack,
            "meeting": pack.meeting,
            "is_public": pack.edition == PackEdition.PUBLIC,
            "restricted": restricted,
            "reports": published_reports_in(pack),
            "back": back,
            "crumbs": pack_breadcrumbs(pack.meeting, pack.supplement, "Withdraw"),
        },
    )


def published_reports_in(pack):
    printed = [item.report.pk for item in pack_from_json(pack.content).items if item.report]
    published = ProgressReport.objects.filter(pk__in=printed, published_at__isnull=False)
    return list(published.select_related("inquiry").order_by("pk"))


def describe_publication(issue, publish_on):
    if publish_on is not None:
        return f"It will be published on {moment(publish_on)}, unless something is changed before."
    return f"{issue.title} is published, and the members of the {issue.meeting.committee} are notified."


def publish_page_context(issue, now):
    meeting, today = issue.meeting, timezone.localdate(now)
    printed = {item.report.pk for item in issue.contents[PackEdition.PUBLIC].items if item.report}
    reports = [item.report for item in issue.records.items if item.report_id in printed]
    seats = [seat.person for seat in issue.records.seats_on(today)]
    stopping, others, _ = issue.findings(now)
    return {
        "issue": issue,
        "meeting": meeting,
        "plan": issue.plan,
        "reports": [report for report in reports if report.stage == Stage.SIGNED_OFF],
        "notified": len({person.pk for person in seats if person.email and person.is_active}),
        "due": meeting.deadlines.publication,
        "is_late": packs.is_late(meeting, today),
        "stopping": stopping,
        "worth_a_look": len(others),
        "crumbs": pack_breadcrumbs(meeting, issue.supplement, "Publish"),
    }
