"""What a Cabinet Member sees: the whole report, one button to sign it off, and a way to return an update."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.views.decorators.http import require_http_methods

from inquiries.actions import progress
from inquiries.choices import Stage
from inquiries.documents.progress_report import for_content, progress_report_content, progress_report_rows
from inquiries.forms.officer import ReturnForm, ReturnSeveralForm
from inquiries.models import ProgressReport, SignOff
from inquiries.permissions import Refused, can, check_can
from inquiries.text import KEY_DIGITS, whole_number
from inquiries.views.drafts import delete_draft, draft_data, find_draft, login_required_keeping_post

CHANGED = "An update has changed since you opened this page. Nothing was signed: read the report again, then sign."


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_keeping_post
def sign_off(request, slug, months):
    report = find_report(request.user, slug, months)
    if request.method != "POST":
        return render_sign_off_page(request, report)
    own = own_sign_off(request.user, report)
    if own is None:
        check_can("sign_off", request.user, SignOff(report=report), timezone.localdate())
    try:
        progress.sign_off(own, by=request.user, now=timezone.now(), seen=request.POST.get("seen", ""))
    except progress.EditClash:
        return render_sign_off_page(request, find_report(request.user, slug, months), problem=CHANGED, status=409)
    except Refused:
        own.refresh_from_db()
        if own.signed_at is None:
            raise
        messages.info(request, "You had already signed this report off. Nothing was changed.")
    else:
        messages.success(request, f"You have signed off the {report.kind.lower()} on {report.inquiry.title}.")
    return redirect("cabinet:sign_off", slug, months)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_keeping_post
def return_update(request, slug, months, reference):
    report = find_report(request.user, slug, months)
    update = get_object_or_404(report.updates.about(reference).for_page().with_last_time())
    draft = find_draft(request)
    if request.POST.get("action") == "discard":
        delete_draft(request)
        return redirect("cabinet:return_update", slug, months, reference)
    # A note that was written is shown again, also when it is too late.
    if own_sign_off(request.user, report) is None or not (request.method == "POST" or draft):
        check_can("return_update", request.user, update, timezone.localdate())
    form = ReturnForm(request.POST if request.method == "POST" else draft_data(request))
    if request.method == "POST" and form.is_valid() and return_with_note(request, update, form):
        delete_draft(request)
        return redirect("cabinet:sign_off", slug, months)
    return render_return_page(request, report, update, form)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_keeping_post
def return_updates(request, slug, months):
    """Return the updates that were ticked on the sign-off page, with a note for each or one for all."""
    report = find_report(request.user, slug, months)
    back = redirect("cabinet:sign_off", slug, months)
    if request.POST.get("action") == "discard":
        delete_draft(request)
        return back
    draft = find_draft(request)
    data = request.POST if request.method == "POST" else draft_data(request)
    ticked = (request.GET if data is None else data).getlist("update")
    keys = [number for key in ticked if (number := whole_number(key, KEY_DIGITS)) is not None]
    updates = list(report.updates.filter(pk__in=keys).for_page().with_last_time())
    if not updates:
        messages.info(request, "Tick the updates that you would like to return.")
        return back
    if request.method != "POST" and draft is None:
        for update in updates:
            check_can("return_update", request.user, update, timezone.localdate())
    form = ReturnSeveralForm(data, updates=updates)
    if request.method == "POST" and form.is_valid():
        try:
            progress.return_updates(report, form.notes(), by=request.user, now=timezone.now())
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            delete_draft(request)
            numbers = get_text_list([update.response.references for update in updates], "and")
            messages.success(request, f"You have returned the updates on {numbers}. Those who write them are notified.")
            return back
    context = {
        "report": report,
        "form": form,
        "draft": draft,
        "due": progress.return_due_of(report, timezone.localdate()),
        "crumbs": report_crumbs(report, ("Return several updates", "")),
    }
    return render(request, "cabinet/return_updates.html", context)


def find_report(person, slug, months):
    return get_object_or_404(
        for_content().filter(pk__in=ProgressReport.objects.for_sign_off(person).values("pk")),
        inquiry__slug=slug,
        months_on=months,
    )


def own_sign_off(person, report):
    return next((s for s in report.sign_offs.all() if s.person_id == person.pk), None)


def shows_exempt(person, report, updates):
    """Whether the person may see what is exempt in these updates: asked only where something is."""
    return any(update.exempt_text for update in updates) and can("see_exempt", person, report, timezone.localdate())


def report_crumbs(report, *more):
    return [
        (
            f"Sign off: {report.inquiry.title}",
            reverse("cabinet:sign_off", args=[report.inquiry.slug, report.months_on]),
        ),
        *more,
    ]


def render_sign_off_page(request, report, *, problem="", status=200):
    updates = list(report.updates.for_rows().with_last_time(report))
    content = progress_report_content(report, fetched=updates, exempt=shows_exempt(request.user, report, updates))
    own = own_sign_off(request.user, report)
    can_return = own is not None and report.stage == Stage.AWAITING_SIGN_OFF
    pairs = list(zip(content.rows, updates, strict=True))
    mine = [row for row, update in pairs if update.response.cabinet_member_id == request.user.pk]
    # Where one person signs for all, there is nothing to tell apart.
    marks_mine = own is not None and len(report.sign_offs.all()) > 1 and 0 < len(mine) < len(updates)
    for update in updates:
        update.is_mine = marks_mine and update.response.cabinet_member_id == request.user.pk
    if "mine" in request.GET:
        pairs.sort(key=lambda pair: not pair[1].is_mine)
    context = {
        "report": report,
        "content": content,
        "pairs": pairs,
        "mine": mine if marks_mine else (),
        "mine_first": marks_mine and "mine" in request.GET,
        "can_return": can_return,
        "crumbs": report_crumbs(report),
        "own": own,
        "can_sign": own is not None and can("sign_off", request.user, own, timezone.localdate()),
        "beside": "cabinet/beside_row.html" if can_return else "components/last_time.html",
        # Of the very updates that are shown: what changes while the page is made is noticed too.
        "seen": report.updates_version(updates),
        "missing": [(row, update) for row, update in pairs if update.is_open],
        "received": sum(not u.is_open for u in updates),
        "others": [s for s in report.sign_offs.all() if s != own],
        "today": timezone.localdate(),
        "error_list": [(problem, "")] if problem else [],
    }
    return render(request, "cabinet/sign_off.html", context, status=status)


def render_return_page(request, report, update, form):
    (row,) = progress_report_rows([update], exempt=shows_exempt(request.user, report, [update]))
    context = {
        "report": report,
        "update": update,
        "row": row,
        "form": form,
        "draft": find_draft(request),
        "crumbs": report_crumbs(report, (f"Return the update on {update.response.references}", "")),
        "notified": people_to_notify(update),
        "due": progress.return_due_of(report, timezone.localdate()),
    }
    return render(request, "cabinet/return_update.html", context)


def people_to_notify(update):
    return list(dict.fromkeys(p.name for p in update.writers if p.email and p.is_active))


def return_with_note(request, update, form):
    """Return the update. False, with the reason in the form, where it is too late for that."""
    note = form.cleaned_data["note"]
    try:
        progress.return_update(update, note=note, by=request.user, now=timezone.now())
    except Refused as refused:
        update.refresh_from_db(fields=["returned_by", "return_note"])
        if (update.returned_by_id, update.return_note) != (request.user.pk, note.strip()):
            form.add_error(None, str(refused))
            return False
        messages.info(request, "You had already returned this update. Nothing was changed.")
    else:
        notified = " and ".join(people_to_notify(update))
        next_step = (
            f"{notified} will be notified."
            if notified
            else "The clerks will be notified: nobody who writes it has an e-mail address."
        )
        messages.success(
            request,
            f"You have returned the update on {update.response.references}. {next_step} "
            "The report comes back to you when the update is in again.",
        )
    return True
