"""What a Cabinet Member sees: the whole report, one button to sign it off, and a way to return an update."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from inquiries.actions import progress
from inquiries.choices import Stage
from inquiries.documents.content import long_date
from inquiries.documents.progress_report import for_content, progress_report_content, progress_report_rows
from inquiries.forms.cabinet import ReturnForm
from inquiries.models import ProgressReport, SignOff
from inquiries.permissions import Refused, can, check_can
from inquiries.views.kept_words import forget_words, kept_words, sign_in_first

CHANGED = "An update has changed since you opened this page. Nothing was signed: read the report again, then sign."


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_first
def sign_off(request, slug, months):
    """The report as it will print, and the button that signs it off."""
    report = _report(request.user, slug, months)
    if request.method != "POST":
        return _sign_off_page(request, report)
    own = _own_sign_off(request.user, report)
    if own is None:
        check_can("sign_off", request.user, SignOff(report=report), timezone.localdate())
    try:
        progress.sign_off(own, by=request.user, now=timezone.now(), seen=request.POST.get("seen", ""))
    except progress.EditClash:
        return _sign_off_page(request, _report(request.user, slug, months), problem=CHANGED, status=409)
    except Refused:
        own.refresh_from_db()
        if own.signed_at is None:
            raise
        messages.info(request, "You had already signed this report off. Nothing was changed.")
    else:
        messages.success(request, f"You have signed off the {report.kind.lower()} on {report.inquiry.title}.")
    return redirect("cabinet:sign_off", slug, months)


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_first
def return_update(request, slug, months, reference):
    """One row of the report, and a note that sends it back to those who write it."""
    report = _report(request.user, slug, months)
    update = get_object_or_404(report.updates.about(reference).for_page().with_last_time())
    words = kept_words(request)
    if request.POST.get("action") == "discard":
        forget_words(request)
        return redirect("cabinet:return_update", slug, months, reference)
    # Whoever signs the report and has written a note keeps it before their eyes, even when it is too late.
    if _own_sign_off(request.user, report) is None or not (request.method == "POST" or words):
        check_can("return_update", request.user, update, timezone.localdate())
    form = ReturnForm(request.POST if request.method == "POST" else words)
    if request.method == "POST" and form.is_valid() and _returned(request, update, form):
        forget_words(request)
        return redirect("cabinet:sign_off", slug, months)
    return _return_page(request, report, update, form, words)


def sign_offs_waiting(person, today):
    """What waits for this Cabinet Member's signature: tasks for `components/task_list.html`, most urgent first."""
    waiting = (
        SignOff.objects.filter(person=person, signed_at__isnull=True, report__in=_awaiting())
        .select_related("report__inquiry", "report__meeting")
        .order_by("report__sign_off_due_on", "pk")
    )
    return [
        {
            "name": f"Sign off: {sign_off.report.inquiry.title}",
            "href": _address(sign_off.report),
            "hint": _hint(sign_off.report),
            "due": sign_off.report.sign_off_due_on,
            "status": "Late" if _is_late(sign_off.report, today) else "To sign",
            "colour": "red" if _is_late(sign_off.report, today) else "blue",
        }
        for sign_off in waiting
    ]


def _awaiting():
    return ProgressReport.objects.at_stage(Stage.AWAITING_SIGN_OFF)


def _is_late(report, today):
    return report.sign_off_due_on is not None and report.sign_off_due_on < today


def _hint(report):
    return f"{report.kind}, for the meeting on {long_date(report.meeting.day)}" if report.meeting else report.kind


def _report(person, slug, months):
    """The report, for those who sign it and clerks; 404 for everybody else."""
    return get_object_or_404(
        for_content().filter(pk__in=ProgressReport.objects.for_sign_off(person).values("pk")),
        inquiry__slug=slug,
        months_on=months,
    )


def _own_sign_off(person, report):
    return next((s for s in report.sign_offs.all() if s.person_id == person.pk), None)


def _may_see_exempt(person, report):
    return can("see_exempt", person, report, timezone.localdate())


def _address(report):
    return reverse("cabinet:sign_off", args=[report.inquiry.slug, report.months_on])


def _crumbs(report, *more):
    return [
        ("Your work", reverse("public:home")),
        (
            f"Sign off: {report.inquiry.title}",
            reverse("cabinet:sign_off", args=[report.inquiry.slug, report.months_on]),
        ),
        *more,
    ]


def _sign_off_page(request, report, *, problem="", status=200):
    updates = list(report.updates.for_page().with_last_time())
    content = progress_report_content(report, fetched=updates, exempt=_may_see_exempt(request.user, report))
    own = _own_sign_off(request.user, report)
    can_return = own is not None and report.stage == Stage.AWAITING_SIGN_OFF
    context = {
        "report": report,
        "content": content,
        "pairs": list(zip(content.rows, updates, strict=True)),
        "crumbs": _crumbs(report),
        "own": own,
        "can_sign": own is not None and can("sign_off", request.user, own, timezone.localdate()),
        "beside": "cabinet/beside_row.html" if can_return else "components/last_time.html",
        # Of the very updates that are shown: what changes while the page is made is noticed too.
        "seen": report.updates_version(updates),
        "missing": [u for u in updates if u.is_open],
        "received": sum(not u.is_open for u in updates),
        "others": [s for s in report.sign_offs.all() if s != own],
        "today": timezone.localdate(),
        "error_list": [(problem, "")] if problem else [],
    }
    return render(request, "cabinet/sign_off.html", context, status=status)


def _return_page(request, report, update, form, words):
    (row,) = progress_report_rows([update], exempt=_may_see_exempt(request.user, report))
    context = {
        "report": report,
        "update": update,
        "row": row,
        "form": form,
        "kept_words": words,
        "crumbs": _crumbs(report, (f"Return the update on {update.response.references}", "")),
        "told": _people_told(update),
    }
    return render(request, "cabinet/return_update.html", context)


def _people_told(update):
    return list(dict.fromkeys(p.name for p in update.writers if p.email and p.is_active))


def _returned(request, update, form):
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
        told = " and ".join(_people_told(update))
        next_step = f"{told} will be told." if told else "The clerks will be told: nobody who writes it can be."
        messages.success(
            request,
            f"You have returned the update on {update.response.references}. {next_step} "
            "The report comes back to you when the update is in again.",
        )
    return True
