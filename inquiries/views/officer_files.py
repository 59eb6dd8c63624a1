"""Files as evidence: the page of an update on which they are added and removed."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from inquiries.actions import evidence_files
from inquiries.forms.officer import EvidenceFileForm
from inquiries.models import EvidenceFile
from inquiries.permissions import check_can
from inquiries.views.drafts import login_required_keeping_post
from inquiries.views.form_processing import ConfirmForm, apply_action
from inquiries.views.officer import find_update, update_context, why_closed


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_keeping_post
def files(request, slug, months, reference):
    update = find_update(request.user, slug, months, reference)
    if request.method == "POST":
        check_can("write_update", request.user, update, timezone.localdate())
    form = EvidenceFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() and add_from_form(request, update, form):
        return redirect(request.path)
    context = {
        **update_context(request.user, update),
        "form": form,
        "closed": why_closed(request.user, update),
        "files": update.files.current().select_related("uploaded_by"),
        "may_remove": why_closed(request.user, update) is None or request.user.is_clerk,
    }
    context["crumbs"] = [*context["crumbs"], (f"Update on {update.response.references}", update.get_absolute_url())]
    return render(request, "officer/files.html", context)


def add_from_form(request, update, form):
    received, title = form.cleaned_data["file"], form.cleaned_data["title"]
    title = title or received.title[:MOST_TITLE].strip() or received.original_name.rpartition(".")[0] or "File"
    by = {"by": request.user, "now": timezone.now()}
    if not apply_action(form, evidence_files.add_evidence_file, update, received, title=title[:MOST_TITLE], **by):
        return False
    messages.success(request, f"“{title}” has been added. Only a clerk can publish it.")
    if received.cleaned:
        messages.info(request, " ".join(received.cleaned))
    return True


MOST_TITLE = EvidenceFile._meta.get_field("title").max_length


@require_POST
@login_required_keeping_post
def remove(request, slug, months, reference, file):
    update = find_update(request.user, slug, months, reference)
    file = get_object_or_404(update.files.current().select_related("update__report"), pk=file)
    form = ConfirmForm(request.POST)
    if apply_action(form, evidence_files.remove_evidence_file, file, by=request.user, now=timezone.now()):
        messages.success(request, f"“{file.title}” has been removed.")
    else:
        messages.error(request, " ".join(form.non_field_errors()))
    return redirect(reverse("officer:files", args=update.address))
