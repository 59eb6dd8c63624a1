"""Reply by Word: the form of a person's updates, its upload, and what of it is accepted."""

import json
from dataclasses import asdict

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.views.decorators.http import require_http_methods, require_safe

from inquiries.actions import replies
from inquiries.actions.progress import EditClash
from inquiries.actions.replies import accept_replies, make_reply_form, replied_updates
from inquiries.forms.officer_reply import AcceptReplyForm, ReplyUploadForm
from inquiries.govuk import LONGEST_KEY
from inquiries.imports import Unreadable
from inquiries.imports.reply_form import reply_from_json
from inquiries.models import Draft, Person, ProgressReport, ProgressUpdate
from inquiries.permissions import Refused, can, check_can
from inquiries.uploads.process_upload import clean_file_name
from inquiries.views.downloads import file_response
from inquiries.views.drafts import login_required_keeping_post, save_draft

LONGEST_REPLY = 20_000_000  # characters, as JSON: more than a form of 200 updates holds
CHANGED = "{} saved {} while this page was open. Look at it again: nothing has been saved."


@require_safe
@login_required_keeping_post
def reply_form(request, slug, months):
    """The form of the updates that this person writes; for a clerk of all, or of those of `?person=`."""
    report, every, own = find_updates(request.user, slug, months)
    person, updates, today = request.user if request.user in writers_of(own) else None, own, timezone.localdate()
    if "person" in request.GET and request.user.is_clerk:
        key = request.GET["person"]
        person = get_object_or_404(Person, pk=key if key.isdecimal() and len(key) <= LONGEST_KEY else 0)
        updates = [update for update in every if person in update.writers]
        if not updates:
            raise Http404
    to_write = [update for update in updates if can("write_update", request.user, update, today)]
    if not to_write:
        check_can("write_update", request.user, updates[0], today)
    data = make_reply_form(report, to_write, person=person, now=timezone.now())
    return file_response(HttpResponse(data), f"reply-{slug}-{months}-months.docx", "docx", private=True)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_keeping_post
def upload_reply(request, slug, months):
    report, every, own = find_updates(request.user, slug, months)
    form = ReplyUploadForm(request.POST, request.FILES) if request.method == "POST" else ReplyUploadForm()
    if form.is_bound and form.is_valid():
        try:
            reply = form.cleaned_data["reply"]
            reply = replies.check_reply(reply, report, every, by=request.user, now=timezone.now())
        except Unreadable as unreadable:
            form.add_error("file", str(unreadable))
        else:
            keep_reply(request, clean_file_name(form.cleaned_data["file"].name), reply, at=address_of_draft(report))
            return redirect("officer:check_reply", slug, months)
    open_updates = [each for each in every if can("write_update", request.user, each, timezone.localdate())]
    is_writer = request.user in writers_of(own)
    context = {
        "report": report,
        "form": form,
        "to_write": [update for update in open_updates if update in own],
        "people": writers_of(open_updates) if request.user.is_clerk else [],
        "on_behalf": not is_writer,
        "waiting": Draft.objects.filter(person=request.user, address=address_of_draft(report)).first(),
        "today": timezone.localdate(),
        "crumbs": crumbs_of(report),
    }
    return render(request, "officer/upload_reply.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_keeping_post
def check_reply(request, slug, months):
    report, every, _ = find_updates(request.user, slug, months)
    kept = Draft.objects.filter(person=request.user, address=address_of_draft(report)).first()
    if kept is None:
        return redirect("officer:upload_reply", slug, months)
    if request.POST.get("action") == "discard":
        kept.delete()
        messages.info(request, "The uploaded form has been removed. Nothing of it was saved.")
        return redirect("officer:upload_reply", slug, months)
    reply = reply_from_json(json.loads(kept.posted["reply"]))
    try:
        replied = replied_updates(reply, every, by=request.user, now=timezone.now())
    except Unreadable:
        # The key with which forms are signed is another one by now.
        kept.delete()
        return redirect("officer:upload_reply", slug, months)
    submitting = request.POST.get("action") == "submit"
    form = AcceptReplyForm(request.POST if request.method == "POST" else None, replied=replied)
    accepted = form.accepted(submitting=submitting) if form.is_bound else None
    if not accepted:
        return render_reply(request, report, kept, reply, replied, form)
    try:
        file_name = kept.posted["file"]
        accept_replies(accepted, file_name=file_name, submit=submitting, by=request.user, now=timezone.now())
    except EditClash as clash:
        problem = CHANGED.format(clash.current.saved_by, clash.current.response.numbers)
    except (Refused, ValidationError) as error:
        problem = error.messages[0] if isinstance(error, ValidationError) else str(error)
    else:
        return redirect_accepted(request, report, kept, replied, accepted, submitting)
    every = find_updates(request.user, slug, months)[1]
    replied = replied_updates(reply, every, by=request.user, now=timezone.now())
    form = AcceptReplyForm(replied=replied)
    return render_reply(request, report, kept, reply, replied, form, problems=[(problem, "")], status=409)


def redirect_accepted(request, report, kept, replied, accepted, submitting):
    taken = [update for update, _ in accepted]
    names = get_text_list([update.response.references for update in taken], "and")
    done = "submitted" if submitting else "saved as a draft. Nothing has been submitted yet"
    messages.success(request, f"The update{pluralize(taken)} on {names} {pluralize(taken, 'has,have')} been {done}.")
    if all(each.update in taken for each in replied if each.can_be_taken):
        kept.delete()
        return redirect("officer:updates", report.inquiry.slug, report.months_on)
    return redirect(request.path)


def render_reply(request, report, kept, reply, replied, form, *, problems=(), status=200):
    context = {
        "report": report,
        "file_name": kept.posted["file"],
        "uploaded_at": kept.updated_at,
        "reply": reply,
        "changed": [each for each in replied if each.can_be_taken],
        "closed": [each for each in replied if each.closed and each.fields],
        "same": [each for each in replied if not each.fields],
        "form": form,
        "error_list": [*problems, *form.error_summary()],
        "on_behalf": request.user not in writers_of(each.update for each in replied),
        "crumbs": [
            *crumbs_of(report),
            ("Reply in Word", reverse("officer:upload_reply", args=report_args(report))),
        ],
    }
    return render(request, "officer/check_reply.html", context, status=status)


def keep_reply(request, file_name, reply, *, at):
    """Until it is accepted, as what else a person has not saved: for them alone, and not for ever."""
    kept = QueryDict(mutable=True)
    kept["file"], kept["reply"] = file_name, json.dumps(asdict(reply))
    save_draft(request.user, at, kept, now=timezone.now(), most=LONGEST_REPLY)


def find_updates(person, slug, months):
    """(report, all its updates, those that are this person's to write). Else Http404.

    Those of a clerk who writes none are all, on behalf of the others.
    """
    reports = ProgressReport.objects.select_related("inquiry__committee", "commissioned_by", "meeting")
    report = get_object_or_404(reports, inquiry__slug=slug, months_on=months)
    every = list(ProgressUpdate.objects.filter(report=report).for_page().with_last_time())
    for update in every:
        update.report = report
    own = [update for update in every if person in update.writers] or (every if person.is_clerk else [])
    if not own:
        raise Http404
    return report, every, own


def writers_of(updates):
    return list(dict.fromkeys(person for update in updates for person in update.writers))


def address_of_draft(report):
    """No page has it, so that a form sent after the session has ended never takes the place of an upload."""
    return reverse("officer:check_reply", args=report_args(report)) + "#upload"


def report_args(report):
    return [report.inquiry.slug, report.months_on]


def crumbs_of(report):
    return [
        (report.inquiry.title, report.inquiry.get_absolute_url()),
        (report.kind, report.get_absolute_url()),
        ("Progress updates", reverse("officer:updates", args=report_args(report))),
    ]
