"""The papers of an item: added, changed, replaced, put in order, taken off."""

from functools import partial

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from inquiries.actions import papers
from inquiries.actions.meetings import open_supplement
from inquiries.choices import ItemKind
from inquiries.forms.clerk.meetings import MoveForm
from inquiries.forms.clerk.papers import AddPaperForm, ChangePaperForm, ReplacePaperForm, add_paper_forms
from inquiries.models import AgendaDocument, AgendaPack
from inquiries.models.packs import issue_name
from inquiries.rules import Refused
from inquiries.views.clerk.guard import answer, clerks_only, done, typed
from inquiries.views.clerk.meetings import agenda_address, button_id, crumbs, item_or_404, last_issue
from inquiries.views.clerk.reports import ConfirmForm
from inquiries.views.kept_words import forget_words, kept_words


@clerks_only
def add_paper(request, pk, item):
    """Add a few papers to an item. What is faulty is asked for again; what is good has been added meanwhile."""
    item = item_or_404(pk, item)
    if item.kind != ItemKind.PAPERS and request.method != "POST":
        raise Refused("Only an item that carries papers can have a paper. Change what the item carries first.")
    forms = add_paper_forms(typed(request), request.FILES if request.method == "POST" else None)
    if request.method == "POST":
        added = [form for form in forms if _is_added(request, item, form)]
        faulty = any(form.errors for form in forms)
        _say_added(request, item, added)
        forget_words(request)
        if not faulty:
            return redirect(agenda_address(item.meeting))
        forms = [AddPaperForm(prefix=form.prefix) if form in added else form for form in forms]
    gathering = open_supplement(item.meeting)
    context = {
        "item": item,
        "meeting": item.meeting,
        "forms": forms,
        "supplement": issue_name(gathering) if gathering else "",
        "kept_words": kept_words(request),
        "crumbs": crumbs(item.meeting, f"Add papers to item {item.number}"),
    }
    return render(request, "clerk/add_paper.html", context)


@clerks_only
def change_paper(request, pk, paper):
    """What a paper is called, who may read it, where it is printed."""
    paper = _paper(pk, paper)
    form = ChangePaperForm(typed(request), paper=paper, last_issue=last_issue(paper.item.meeting))
    change = partial(papers.change_paper, paper, by=request.user, now=timezone.now())
    return _about(request, paper, form, change, "paper", "Change a paper", "The paper is changed.")


@clerks_only
def replace_paper(request, pk, paper):
    """Another file in the place of a paper."""
    paper = _paper(pk, paper)
    form = ReplacePaperForm(request.POST, request.FILES) if request.method == "POST" else ReplacePaperForm()

    def replace(file):
        new = papers.replace_paper(paper, file, by=request.user, now=timezone.now())
        if new.cleaned:
            messages.info(request, _on_receipt(new.title, new.cleaned))

    return _about(request, paper, form, replace, "replace_paper", "Replace a file", "The file is replaced.")


@clerks_only
def move_paper(request, pk, paper):
    """Move a paper among those of its item; back to the agenda, on the button that was pressed."""
    paper = _paper(pk, paper)
    form, before = MoveForm(request.POST), _place(paper)
    move = partial(papers.move_paper, paper, by=request.user, now=timezone.now())
    # Whoever comes by a link (after signing in again, say) has pressed nothing.
    if request.method == "POST" and form.is_valid() and done(form, move, **form.cleaned_data):
        messages.success(request, f"“{paper.title}” is now paper {_place(paper)} of item {paper.item.number}.")
    last = paper.item.documents.standing().count()
    button = button_id("paper", paper.pk, before, _place(paper), last)
    return redirect(f"{agenda_address(paper.item.meeting)}#{button}")


@clerks_only
def remove_paper(request, pk, paper):
    """Take a paper off its item."""
    paper = _paper(pk, paper)
    remove = partial(papers.remove_paper, paper, by=request.user, now=timezone.now())
    form = ConfirmForm(typed(request))
    return _about(
        request, paper, form, remove, "remove_paper", "Take a paper off", f"“{paper.title}” is off the agenda."
    )


def _about(request, paper, form, deed, page, words, said):
    item = paper.item
    return answer(
        request,
        form,
        deed,
        page=f"clerk/{page}.html",
        then=agenda_address(item.meeting),
        said=said,
        context={
            "paper": paper,
            "item": item,
            "meeting": item.meeting,
            "published": _public_packs_with(paper),
            "crumbs": crumbs(item.meeting, words),
        },
    )


def _is_added(request, item, form):
    if not form.has_changed() or not form.is_valid():
        return False
    received = form.cleaned_data["file"]
    values = {name: form.cleaned_data[name] for name in ("title", "exempt_paragraph")}
    return done(form, papers.add_paper, item, received, **values, by=request.user, now=timezone.now())


def _say_added(request, item, added):
    received = [(form.cleaned_data["title"], form.cleaned_data["file"]) for form in added]
    if not received:
        return
    said = f"Added to item {item.number}: {', '.join(f'“{title}” ({_pages(paper)})' for title, paper in received)}."
    messages.success(request, said)
    for title, paper in received:
        if paper.cleaned:
            messages.info(request, _on_receipt(title, paper.cleaned))


def _on_receipt(title, cleaned):
    return f"On receipt of “{title}”: {' '.join(cleaned)}"


def _pages(received):
    count = len(received.pages)
    return "1 page" if count == 1 else f"{count} pages"


def _paper(pk, paper):
    papers_ = AgendaDocument.objects.standing().defer("words").select_related("item__meeting__committee")
    return get_object_or_404(papers_, item__meeting=pk, item__removed_at__isnull=True, pk=paper)


def _place(paper):
    """Where a paper stands among those of its item, from 1: positions may have gaps."""
    keys = list(paper.item.documents.standing().values_list("pk", flat=True))
    return keys.index(paper.pk) + 1


def _public_packs_with(paper):
    """The published public packs that carry a paper, as (name, address at which it is taken back)."""
    packs = AgendaPack.objects.public().filter(papers__document=paper).defer("content")
    return [(pack.name, reverse("clerk:withdraw_pack", args=[pack.meeting_id, pack.pk])) for pack in packs]
