"""What a lead officer sees: their updates, and the page on which one is written."""

from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inquiries import rules
from inquiries.actions import progress
from inquiries.actions.progress import EditClash
from inquiries.choices import Stage
from inquiries.differences import differences, merge_texts
from inquiries.documents.progress_report import update_row
from inquiries.forms.officer import UpdateForm
from inquiries.forms.people import LONGEST_TEXT, MOST_MATCHES
from inquiries.models import Entry, Person, ProgressReport, ProgressUpdate, Response
from inquiries.permissions import Refused, can, check_can
from inquiries.views.kept_words import forget_words, kept_words, sign_in_first

# --- Your updates ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class WaitingUpdate:
    """One line of "your updates", with what `components/task_list.html` asks for."""

    update: ProgressUpdate
    due: date | None
    late: bool
    status: str
    colour: str

    @property
    def name(self):
        return f"Progress update on {self.update.response.references}"

    @property
    def href(self):
        return self.update.get_absolute_url()

    @property
    def hint(self):
        return f"{self.update.report.inquiry.title}, {self.update.report.kind.lower()}"


def updates_waiting(person, today):
    """The updates of `person`, as lead officer or contributor, in reports that are not yet published.

    Those still to be written come first, by deadline, then the others. Returns a list of WaitingUpdate, whose
    `due` is None where nothing is to be done any more or no deadline is set.
    """
    before = ProgressReport.objects.at_stage(Stage.COMMISSIONED, Stage.AWAITING_SIGN_OFF, Stage.SIGNED_OFF)
    rows = [_waiting(u, today) for u in ProgressUpdate.objects.written_by(person).filter(report__in=before).for_page()]
    return sorted(rows, key=lambda row: (not row.update.is_open, row.due or date.max))


def _waiting(update, today):
    due = update.report.updates_due_on if update.is_open else None
    return WaitingUpdate(update, due, bool(due and due < today), *_state(update))


def _state(update):
    """In words and as the colour of a tag ("" for plain words)."""
    if update.submitted_at:
        return "Submitted", ""
    if not update.is_open:
        return "Closed without an update", ""
    if update.is_returned:
        return "Returned with a note", "orange"
    if update.saved_at:
        saved = timezone.localdate(update.saved_at)
        return f"Draft saved {saved.day} {saved:%B}", "light-blue"
    return "Not started", "blue"


# --- One update --------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_first
def update(request, slug, months, reference):
    """Read or write one progress update. Every number of a joint response leads to the same page."""
    found = _find(request.user, slug, months, reference)
    if request.method == "POST":
        return _write(request, found)
    if reference != found.reference:
        return redirect(found)
    kept = kept_words(request)
    return _page(request, found, data=kept, kept=kept)


@require_POST
def autosave(request, slug, months, reference):
    """Save a draft while it is being written; answers in JSON (see static/js/autosave.js). Never submits."""
    if not request.user.is_authenticated:
        page = reverse("officer:update", args=[slug, months, reference])
        return JsonResponse({"sign_in": redirect_to_login(page).url}, status=401)
    found = _find(request.user, slug, months, reference)
    try:
        check_can("write_update", request.user, found, timezone.localdate())
        return _saved_by_itself(request, found)
    except Refused as refused:
        return JsonResponse({"message": str(refused)}, status=403)
    except EditClash as clash:
        return JsonResponse({"message": f"{clash} Save to see both texts."}, status=409)


@require_safe
@sign_in_first
def search_people(request):
    """The first of those who match `q`, for somebody who names a person (see static/js/person-search.js)."""
    check_can("search_people", request.user, None, timezone.localdate())
    text = request.GET.get("q", "").replace("\0", "")[:LONGEST_TEXT]
    found = Person.objects.present().matching(text).by_name()[:MOST_MATCHES] if text.strip() else []
    return JsonResponse({"people": [{"key": person.pk, "label": person.title_and_name} for person in found]})


def _find(person, slug, months, reference):
    """The update under this address with what its page shows. Raises Http404 where `person` may not see it."""
    about = Response.objects.filter(inquiry__slug=slug, recommendations__reference_key=rules.natural_key(reference))
    there = ProgressUpdate.objects.visible_to(person).filter(report__months_on=months, response__in=about)
    return get_object_or_404(there.select_related("report__inquiry__committee", "returned_by").for_page())


def _form(request, found, data=None, *, submitting=False):
    people = None
    if can("name_contributors", request.user, found, timezone.localdate()):
        people = Person.objects.present().exclude(pk=found.response.lead_officer_id)
    return UpdateForm(data, update=found, people=people, submitting=submitting)


def _write(request, found):
    action = request.POST.get("action", "save")
    if action == "discard":
        forget_words(request)
        messages.info(request, "What was kept has been discarded.")
        return redirect(found)
    try:
        check_can("write_update", request.user, found, timezone.localdate())
        form = _form(request, found, _chosen(request.POST, found), submitting=action == "submit")
        return _save(request, found, form, action)
    except Refused as refused:
        if action == "submit" and _submitted_already(request, found):
            return redirect(found)
        return render(request, "officer/not_saved.html", {"reason": refused, "update": found}, status=403)


def _save(request, found, form, action):
    if not form.is_valid():
        return _page(request, found, form=form)
    try:
        saved = _saved(request, found, form)
        if action == "submit":
            progress.submit_update(saved, version=saved.version, by=request.user, now=timezone.now())
    except EditClash as clash:
        return _clash_page(request, clash.current, form, submitting=action == "submit")
    except ValidationError as error:
        form.add_error(None, error.messages)
        return _page(request, found, form=form)
    forget_words(request)
    messages.success(request, SAID[action if action in SAID else "save"].format(saved.response.references))
    return redirect(saved.get_absolute_url() + ("#links" if action == "add_link" else ""))


SAID = {
    "save": "Draft saved. The update on {} has not been submitted yet.",
    "submit": "The progress update on {} has been submitted.",
    "add_link": "Draft saved. There is room for more links below.",
    "mine": "Your text has been saved as a draft. The update on {} has not been submitted yet.",
    "theirs": "Their text has been kept as the draft. The update on {} has not been submitted yet.",
}


def _saved(request, found, form, *, by_itself=False):
    """Save what the form holds. Raises EditClash unless the clash is with the very same words (a second click)."""
    values = form.values()
    try:
        return progress.save_update(found, by=request.user, now=timezone.now(), by_itself=by_itself, **values)
    except EditClash as clash:
        if _holds(clash.current, values):
            return clash.current
        raise


def _saved_by_itself(request, found):
    form = _form(request, found, request.POST)
    form.is_valid()
    if "version" in form.errors or "text" in form.errors:
        return JsonResponse({"errors": form.errors}, status=400)
    saved = _saved(request, found, form, by_itself=True)
    answer = {"version": saved.version, "saved_at": f"{timezone.localtime(saved.saved_at):%H:%M}"}
    if wrong := {**form.errors, **{f"link {n}": e for n, one in enumerate(form.links.errors, 1) for e in one.values()}}:
        # The text is safe; these wait on the page until they are right.
        answer["errors"] = wrong
    return JsonResponse(answer)


def _holds(current, values):
    """Whether the record already holds exactly these values."""
    words = ("text", "exempt_text", "exempt_paragraph", "officer_view")
    return (
        all(_plain(getattr(current, name)) == _plain(values[name]) for name in words)
        and values["contributors"] in (None, current.contributor_names)
        and values["evidence"] in (None, [(link.title, link.url) for link in current.evidence.all()])
    )


def _plain(value):
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def _submitted_already(request, found):
    """Whether this is the second click on a button whose first one has worked."""
    return found.submitted_by_id == request.user.pk and _plain(request.POST.get("text", "")) == found.text


# --- The page ----------------------------------------------------------------------------------------


def _page(request, found, *, form=None, data=None, kept=None):
    today = timezone.localdate()
    closed = _why_closed(request.user, found, today)
    if form is None and closed is None:
        form = _form(request, found, data)
    report = found.report
    context = {
        **_about(found),
        "form": form,
        "formset": form.links if form else None,
        "kept_words": kept,
        "today": today,
        "closed": closed,
        "on_behalf": form is not None and _is_on_behalf(request.user, found),
        "shows_exempt": bool(found.exempt_text) and (form is not None or _may_read_exempt(request.user, found, today)),
        "previous": _previous(request.user, found),
        "row": update_row(found),
        "history": _history(found),
        "sign_offs": report.sign_offs.select_related("person") if found.submitted_at else (),
    }
    return render(request, "officer/update.html", context)


def _about(found):
    """What both pages say of the update: where it belongs, what was recommended and promised."""
    report, response = found.report, found.response
    moved = response.original_target_date != response.target_date
    return {
        "update": found,
        "report": report,
        "response": response,
        "recommendations": response.recommendations.all(),
        "latest_move": response.target_date_changes.last() if moved else None,
        "crumbs": [
            ("Home", reverse("public:home")),
            (report.inquiry.title, report.inquiry.get_absolute_url()),
            (report.kind, report.get_absolute_url()),
            (f"Update on {response.references}", ""),
        ],
    }


def _why_closed(person, found, today):
    try:
        check_can("write_update", person, found, today)
    except Refused as refused:
        return str(refused)
    return None


def _is_on_behalf(person, found):
    return person.pk != found.response.lead_officer_id and person not in found.contributor_names


def _may_read_exempt(person, found, today):
    theirs = person.pk == found.response.lead_officer_id or person in found.contributor_names
    return theirs or can("see_exempt", person, found, today)


def _previous(person, found):
    """The update of the report before this one, where `person` may read it, with its assessment; or None."""
    readable = Q(report__published_at__isnull=False) | Q(pk__in=ProgressUpdate.objects.visible_to(person).values("pk"))
    return (
        ProgressUpdate.objects.filter(readable, response=found.response, report__months_on__lt=found.report.months_on)
        .select_related("report", "assessment")
        .order_by("-report__months_on")
        .first()
    )


def _history(found):
    """The history by day, in which one person's savings in a row are one line: the last of them."""
    return [
        (day, [e for later, e in zip([None, *entries], entries, strict=False) if not _same_sitting(later, e)])
        for day, entries in Entry.objects.about(found).by_day()
    ]


def _same_sitting(later, entry):
    return later is not None and later.verb == entry.verb == "save_update" and later.by_id == entry.by_id


# --- When two people wrote at once -------------------------------------------------------------------

TEXTS = ("text", "exempt_text")


def _clash_page(request, current, form, *, submitting):
    """Both texts; a form that holds the words of both and everything else that either has entered."""
    yours = form.values()
    merged = _form(request, current, _words_of_both(request.POST, yours, current))
    context = {
        **_about(current),
        "form": merged,
        "formset": merged.links,
        "clashing": {name: _clash(_plain(yours[name]), getattr(current, name)) for name in TEXTS},
        "submitting": submitting,
        "their_view": current.get_officer_view_display() if yours["officer_view"] != current.officer_view else "",
    }
    return render(request, "officer/clash.html", context, status=409)


def _clash(mine, theirs):
    return {"mine": mine, "sides": differences(theirs, mine), "differs": mine != theirs}


def _words_of_both(data, yours, current):
    words = data.copy()
    words["version"] = current.version
    # What they entered and you left empty is theirs.
    words["officer_view"] = yours["officer_view"] or current.officer_view
    words["exempt_paragraph"] = yours["exempt_paragraph"] or current.exempt_paragraph or ""
    for name in TEXTS:
        mine, theirs = _plain(yours[name]), getattr(current, name)
        words[name] = merge_texts(theirs, mine) if mine and theirs else mine or theirs
    _add_links(words, yours["evidence"], current)
    _add_contributors(words, yours["contributors"], current)
    return words


def _chosen(data, found):
    """What was posted; from the page of two texts, with the text that the person chose."""
    action = data.get("action", "")
    if action not in ("mine", "theirs"):
        return data
    words = data.copy()
    for name in TEXTS:
        words[name] = getattr(found, name) if action == "theirs" else data.get(f"my_{name}", "")
    if action == "theirs":
        words["exempt_paragraph"] = found.exempt_paragraph or ""
    return words


def _add_links(words, yours, current):
    """Your links, and those of theirs that you do not have."""
    if yours is None:
        return
    theirs = [(link.title, link.url) for link in current.evidence.all()]
    links = [*yours, *(link for link in theirs if link not in yours), ("", "")]
    words["links-TOTAL_FORMS"] = len(links)
    for number, (title, url) in enumerate(links):
        words[f"links-{number}-title"], words[f"links-{number}-url"] = title, url


def _add_contributors(words, yours, current):
    """Your contributors, and those of theirs whom you do not name."""
    if yours is None:
        return
    people = dict.fromkeys([*yours, *current.contributor_names])
    for number, person in enumerate(people, start=1):
        words[f"contributor_{number}"], words[f"contributor_{number}_key"] = person.title_and_name, str(person.pk)
