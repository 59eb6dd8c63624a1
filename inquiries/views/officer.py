"""What a lead officer sees: the page on which an update is written."""

from django.contrib import messages
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
from inquiries.choices import OfficerView
from inquiries.differences import differences, merge_texts
from inquiries.documents.progress_report import update_row
from inquiries.forms.officer import UpdateForm
from inquiries.govuk import LONGEST_PERSON_TEXT, MOST_MATCHES, label_of_match
from inquiries.history_display import entries_about
from inquiries.models import Person, ProgressUpdate
from inquiries.permissions import RIGHTS, Refused, can, check_can
from inquiries.views.drafts import autosave_form, delete_draft, find_draft, login_required_keeping_post


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_keeping_post
def update(request, slug, months, reference):
    """Read or write one progress update. Every number of a joint response leads to the same page."""
    if request.method == "POST":
        found = updates_at(slug, months, reference).for_writing()
        return write_update(request, require_access(request.user, get_object_or_404(found)))
    update = find_update(request.user, slug, months, reference)
    if reference != rules.reference_in_address(update.reference):
        return redirect(update)
    draft = find_draft(request)
    if draft is None:
        return render_update_page(request, update)
    form = make_form(request, update, with_saved_values(draft.posted, update))
    is_valid = form.is_valid()
    if why_closed(request.user, update):
        # It may be what was submitted: kept in the same moment, say.
        return render_update_page(request, update, draft=None if holds_form(update, form) else draft)
    if draft.based_on_version is not None and draft.based_on_version < update.version and is_valid:
        if holds_values(update, form.values()):
            # Saved after all: the answer to the saving was lost on its way, say.
            return render_update_page(request, update)
        return render_clash_page(request, update, form, draft=draft)
    return render_update_page(request, update, form=form, draft=draft)


@require_POST
def autosave(request, slug, months, reference):
    """Keep a draft of an update as it is being typed."""
    found = updates_at(slug, months, reference).select_related("report", "response")
    page = reverse("officer:update", args=[slug, months, reference])
    return autosave_form(
        request, page, lambda roles: require_access(request.user, get_object_or_404(found), roles), "write_update"
    )


@require_safe
@login_required_keeping_post
def search_people(request):
    """The first of those who match `q`, for a person who names a person (see static/js/person-search.js)."""
    check_can("search_people", request.user, None, timezone.localdate())
    text = request.GET.get("q", "").replace("\0", "")[:LONGEST_PERSON_TEXT]
    found = Person.objects.present().matching(text).by_name()[:MOST_MATCHES] if text.strip() else []
    people = [{"key": p.pk, "text": p.title_and_name, "label": label_of_match(p)} for p in found]
    return JsonResponse({"people": people})


def updates_at(slug, months, reference):
    found = ProgressUpdate.objects.filter(report__inquiry__slug=slug, report__months_on=months)
    return found.about(reference).order_by()


def require_access(person, update, roles=None):
    """The update, where `person` may read it; else 404. Who writes it is known without asking what they may read."""
    if not RIGHTS["write_update"].belongs_to(person, update, timezone.localdate(), roles):
        get_object_or_404(ProgressUpdate.objects.visible_to(person), pk=update.pk)
    return update


def find_update(person, slug, months, reference):
    updates = updates_at(slug, months, reference).visible_to(person).for_page()
    return get_object_or_404(updates.select_related("report__inquiry__committee", "returned_by"))


def make_form(request, update, data=None, *, submitting=False):
    people = None
    if can("name_contributors", request.user, update, timezone.localdate()):
        people = Person.objects.present().exclude(pk=update.response.lead_officer_id)
    return UpdateForm(data, update=update, people=people, submitting=submitting)


def write_update(request, update):
    action = request.POST.get("action", "save")
    if action == "discard":
        delete_draft(request)
        messages.info(request, "The text that was not saved has been discarded.")
        return redirect(page_to_return_to(request, update, action))
    data = with_saved_values(chosen_data(request.POST, update), update)
    form = make_form(request, update, data, submitting=action == "submit")
    try:
        check_can("write_update", request.user, update, timezone.localdate())
        return save_form(request, update, form, action)
    except Refused as refused:
        # As it is now: the first of two clicks may have submitted it while the second waited.
        update = progress.fetch_update(update)
        if update.submitted_by_id == request.user.pk and holds_form(update, form):
            return redirect_with_message(request, update, "submit")
        return render(request, "officer/not_saved.html", {"reason": refused, "update": update}, status=403)


def save_form(request, update, form, action):
    if not form.is_valid():
        return render_update_page(request, update, form=form)
    values, save = form.values(), progress.submit_update if action == "submit" else progress.save_update
    try:
        saved = save(update, by=request.user, now=timezone.now(), **values)
    except EditClash as clash:
        saved = clash.current
        if not holds_values(saved, values):
            return render_clash_page(request, saved, form, submitting=action == "submit", status=409)
        # The very same text: a second click.
        if action == "submit":
            form.cleaned_data["version"] = saved.version
            return save_form(request, saved, form, action)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return render_update_page(request, update, form=form)
    return redirect_with_message(request, saved, action)


def redirect_with_message(request, saved, action):
    delete_draft(request)
    message = MESSAGES[action if action in MESSAGES else "save"]
    messages.success(request, message.format(saved.response.references))
    return redirect(page_to_return_to(request, saved, action))


def page_to_return_to(request, update, action):
    """From the list of a person's updates back to it: to the top, where the next one is, or to the one saved."""
    if action == "files":
        return reverse("officer:files", args=update.address)
    if request.POST.get("return_to") != "updates" or action == "more":
        return update.get_absolute_url() + {"add_link": "?links=1#links", "more": "?links=1"}.get(action, "")
    listed = updates_url(update.report)
    return listed if action == "submit" else f"{listed}#update-{update.pk}"


def updates_url(report):
    return reverse("officer:updates", args=[report.inquiry.slug, report.months_on])


MESSAGES = {
    "save": "Draft saved. The update on {} has not been submitted yet.",
    "submit": "The progress update on {} has been submitted.",
    "add_link": "Draft saved. There is room for more links below.",
    "more": "Draft saved. Evidence, other writers and a confidential part of the update on {} have their place below.",
    "files": "Draft saved. The update on {} has not been submitted yet.",
    "mine": "Your text has been saved as a draft. The update on {} has not been submitted yet.",
    "theirs": "Their text has been kept as the draft. The update on {} has not been submitted yet.",
}


def holds_values(update, values):
    recorded = {
        "contributors": update.contributor_names,
        "evidence": [(link.title, link.url) for link in update.evidence_links],
    }
    return all(
        same_text(recorded[name] if name in recorded else getattr(update, name), value)
        for name, value in values.items()
        if name != "version"
    )


def same_text(one, other):
    return plain_text(one) == plain_text(other)


def plain_text(value):
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def holds_form(update, form):
    """Whether the update is what the form says: after the second click on a button, say."""
    return form.is_valid() and holds_values(update, form.values())


# --- The page ----------------------------------------------------------------------------------------


def render_update_page(request, update, *, form=None, draft=None):
    closed = why_closed(request.user, update)
    if form is None and closed is None:
        form = make_form(request, update)
    elif closed is not None:
        form = None
    report, today = update.report, timezone.localdate()
    context = {
        **update_context(request.user, update),
        "form": form,
        "formset": form.links if form else None,
        "draft": draft,
        "today": today,
        "closed": closed,
        "on_behalf": form is not None and request.user not in update.writers,
        "shows_exempt": bool(update.exempt_text) and (form is not None or may_read_exempt(request.user, update, today)),
        "previous": previous_update(request.user, update),
        "row": update_row(update),
        "history": history_of(update),
        "shows_links": "links" in request.GET,
        "is_writer": request.user in update.writers,
        "passed_target_date": passed_target_date(update, today) if form else None,
        "next_update": open_updates(request.user, report).exclude(pk=update.pk).first() if closed else None,
        "sign_offs": report.sign_offs.select_related("person") if update.submitted_at else (),
    }
    return render(request, "officer/update.html", context)


def update_context(person, update):
    report, response = update.report, update.response
    moved = response.original_target_date != response.target_date
    return {
        "update": update,
        "report": report,
        "response": response,
        "recommendations": response.recommendations.all(),
        "latest_move": response.target_date_changes.last() if moved else None,
        "crumbs": [
            (report.inquiry.title, report.inquiry.get_absolute_url()),
            (report.kind, report.get_absolute_url()),
            *([("Your updates", updates_url(report))] if person in update.writers else []),
        ],
    }


def passed_target_date(update, today):
    """The target date, where it is over and nothing says that it is done."""
    day = update.response.target_date
    return day if day and day < today and update.officer_view != OfficerView.COMPLETE else None


def open_updates(person, report):
    """Those of the report that are still this person's to write, in order."""
    own = ProgressUpdate.objects.open().filter(report=report).written_by(person)
    return own.in_order().select_related("response", "report__inquiry").with_recommendations()


def why_closed(person, update):
    """The sentence that says why `person` cannot write it; None where they can."""
    try:
        check_can("write_update", person, update, timezone.localdate())
    except Refused as refused:
        return str(refused)
    return None


def may_read_exempt(person, update, today):
    return person in update.writers or can("see_exempt", person, update, today)


def previous_update(person, update):
    """The update of the report before this one, where `person` may read it, with its assessment; or None."""
    readable = Q(report__published_at__isnull=False) | Q(pk__in=ProgressUpdate.objects.visible_to(person).values("pk"))
    return (
        ProgressUpdate.objects.filter(readable, response=update.response, report__months_on__lt=update.report.months_on)
        .select_related("report", "assessment")
        .order_by("-report__months_on")
        .first()
    )


def history_of(update):
    return [
        (day, [e for later, e in zip([None, *entries], entries, strict=False) if not is_same_sitting(later, e)])
        for day, entries in entries_about(update).by_day()
    ]


def is_same_sitting(later, entry):
    return later is not None and later.verb == entry.verb == "save_update" and later.by_id == entry.by_id


# --- When two people wrote at once -------------------------------------------------------------------

TEXTS = ("text", "exempt_text")


def render_clash_page(request, current, form, *, draft=None, submitting=False, status=200):
    yours = form.values()
    merged = make_form(request, current, merged_data(form.data, yours, current))
    context = {
        **update_context(request.user, current),
        "form": merged,
        "formset": merged.links,
        "draft": draft,
        "clashing": {name: compare_texts(plain_text(yours.get(name, "")), getattr(current, name)) for name in TEXTS},
        "submitting": submitting,
        "their_view": current.get_officer_view_display() if yours.get("officer_view") != current.officer_view else "",
    }
    return render(request, "officer/clash.html", context, status=status)


def compare_texts(mine, theirs):
    return {"mine": mine, "sides": differences(theirs, mine), "differs": mine != theirs}


def merged_data(data, yours, current):
    data = data.copy()
    data["version"] = current.version
    # What they entered and you left empty is theirs.
    data["officer_view"] = yours.get("officer_view") or current.officer_view
    set_forecast(data, yours.get("forecast_date") or current.forecast_date)
    data["exempt_paragraph"] = yours.get("exempt_paragraph") or current.exempt_paragraph or ""
    for name in TEXTS:
        mine, theirs = plain_text(yours.get(name, "")), getattr(current, name)
        data[name] = merge_texts(theirs, mine) if mine and theirs else mine or theirs
    if "evidence" in yours:
        add_links(data, yours["evidence"], current)
    if "contributors" in yours:
        add_contributors(data, yours["contributors"], current)
    return data


def with_saved_values(data, update):
    """What was posted; where the form did not have a field, such as that of a list of updates, what is saved."""
    data = data.copy()
    for name in ("exempt_text", "exempt_paragraph"):
        data.setdefault(name, getattr(update, name) or "")
    if "contributor_1" not in data:
        add_contributors(data, [], update)
    if "forecast_date_day" not in data:
        set_forecast(data, update.forecast_date)
    return data


def set_forecast(data, day):
    for part in ("day", "month", "year") if day else ():
        data[f"forecast_date_{part}"] = str(getattr(day, part))


def chosen_data(data, update):
    """What was posted; from the page of two texts, with the text that the person chose."""
    action = data.get("action", "")
    if action not in ("mine", "theirs"):
        return data
    data = data.copy()
    for name in TEXTS:
        data[name] = getattr(update, name) if action == "theirs" else data.get(f"my_{name}", "")
    if action == "theirs":
        data["exempt_paragraph"] = update.exempt_paragraph or ""
    return data


def add_links(data, yours, current):
    theirs = [(link.title, link.url) for link in current.evidence_links]
    links = [*yours, *(link for link in theirs if link not in yours), ("", "")]
    data["links-TOTAL_FORMS"] = len(links)
    for number, (title, url) in enumerate(links):
        data[f"links-{number}-title"], data[f"links-{number}-url"] = title, url


def add_contributors(data, yours, current):
    people = dict.fromkeys([*yours, *current.contributor_names])
    for number, person in enumerate(people, start=1):
        data[f"contributor_{number}"], data[f"contributor_{number}_key"] = person.title_and_name, str(person.pk)
