"""An officer report as it is written, read and signed off."""

import json
from base64 import b64decode, b64encode
from dataclasses import replace

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inquiries.actions import officer_reports
from inquiries.actions.progress import EditClash
from inquiries.choices import OfficerReportState
from inquiries.differences import differences, merge_texts
from inquiries.documents.officer_report_content import officer_report_content, picture_bytes
from inquiries.documents.officer_report_docx import officer_report_docx
from inquiries.documents.officer_report_pdf import officer_report_pdf
from inquiries.documents.report_html import section_html
from inquiries.documents.report_markup import write_markup
from inquiries.documents.typst_runner import PdfFailed
from inquiries.forms.officer_reports import PictureForm, ReportForm, ReturnReportForm, WordUploadForm, people_to_name
from inquiries.govuk import add_errors
from inquiries.imports.officer_report import ReadOfficerReport
from inquiries.models import Draft, OfficerReport
from inquiries.permissions import Refused, can, check_can
from inquiries.serialization import from_plain_data, to_plain_data
from inquiries.text import whole_number
from inquiries.uploads.process_upload import clean_file_name
from inquiries.views.downloads import file_response, missing_file_page, stored_file_response
from inquiries.views.drafts import (
    DraftTooLong,
    autosave_form,
    delete_draft,
    draft_data,
    find_draft,
    login_required_keeping_post,
    save_draft,
)
from inquiries.views.form_processing import ConfirmForm, apply_action

MESSAGES = {
    "save": "Draft saved. The report has not been submitted yet.",
    "submit": "The report has been submitted. Those who sign it are notified.",
    "more": "Draft saved. There is room for another section below.",
    "pictures": "Draft saved. Add your pictures here.",
    "preview": "Draft saved. This is how it reads now; it has not been submitted yet.",
    "mine": "Your texts have been saved as a draft. The report has not been submitted yet.",
    "theirs": "Their texts have been kept as the draft. The report has not been submitted yet.",
}
CHANGED = "The report has changed since you opened this page. Nothing was signed: read it again, then sign."
FAILED = "The PDF of the report could not be made, so it was not signed: {} Tell the clerk."


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_keeping_post
def officer_report(request, pk):
    """Write it, for those who write it while it is open; else read it, as with `?preview`."""
    report = report_or_404(request.user, pk)
    if request.method == "POST":
        return write_report(request, report)
    closed, draft = why_closed(request.user, report), find_draft(request)
    if closed or "preview" in request.GET:
        return render_reading_page(request, report, closed=closed, draft=draft if closed else None)
    if draft is None:
        return render_writing_page(request, report, make_form(request, report))
    form = make_form(request, report, draft.posted)
    if draft.based_on_version is not None and draft.based_on_version < report.version and form.is_valid():
        if holds_values(report, form.values()):
            return render_writing_page(request, report, make_form(request, report))
        return render_clash_page(request, report, form)
    return render_writing_page(request, report, form, draft=draft)


@require_POST
def autosave(request, pk):
    """Keep a draft of an officer report as it is being typed."""
    page = reverse("officer:officer_report", args=[pk])
    return autosave_form(request, page, lambda roles: report_or_404(request.user, pk), "write_officer_report")


def report_or_404(person, pk):
    return get_object_or_404(OfficerReport.objects.visible_to(person).for_page(), pk=pk)


def why_closed(person, report):
    """The sentence that says why `person` cannot write it; None where they can."""
    try:
        check_can("write_officer_report", person, report, timezone.localdate())
    except Refused as refused:
        return str(refused)
    return None


def make_form(request, report, data=None):
    names = can("name_report_contributors", request.user, report, timezone.localdate())
    return ReportForm(data, report=report, people=people_to_name(report) if names else None)


def write_report(request, report):
    action = request.POST.get("action", "save")
    if action == "discard":
        delete_draft(request)
        messages.info(request, "The text that was not saved has been discarded.")
        return redirect(report)
    form = make_form(request, report, chosen_data(request.POST, report))
    try:
        check_can("write_officer_report", request.user, report, timezone.localdate())
        if not form.is_valid():
            return render_writing_page(request, report, form)
        return save_form(request, report, form, action)
    except Refused as refused:
        report = officer_reports.fetch(report)
        if report.submitted_by_id == request.user.pk and form.is_valid() and holds_values(report, form.values()):
            return redirect_with_message(request, report, "submit")
        context = {"reason": refused, "report": report, "lost": lost_texts(request.POST)}
        return render(request, "officer/report_not_saved.html", context, status=403)


def save_form(request, report, form, action):
    values = form.values()
    do = officer_reports.submit if action == "submit" else officer_reports.save
    try:
        saved = do(report, by=request.user, now=timezone.now(), **values)
    except EditClash as clash:
        saved = clash.current
        if not holds_values(saved, values):
            return render_clash_page(request, saved, form, submitting=action == "submit", status=409)
        if action == "submit":
            # The very same text: a second click.
            form.cleaned_data["version"] = saved.version
            return save_form(request, saved, form, action)
    except ValidationError as error:
        add_errors(form, error)
        return render_writing_page(request, report, form)
    return redirect_with_message(request, saved, action)


def redirect_with_message(request, report, action):
    delete_draft(request)
    messages.success(request, MESSAGES.get(action, MESSAGES["save"]))
    if action == "pictures":
        return redirect("officer:officer_report_pictures", report.pk)
    after = {"preview": "?preview=1", "more": f"#heading-{len(report.sections) + 1}"}
    return redirect(report.get_absolute_url() + after.get(action, ""))


def lost_texts(posted):
    found = [name for name in posted if name.startswith("text_") and posted[name].strip()]
    return [(posted.get(f"heading_{name[5:]}", ""), posted[name]) for name in found]


def plain(text):
    return text.replace("\r\n", "\n").strip()


def sections_of(report):
    return [(section["heading"], plain(section["text"])) for section in report.sections]


def holds_values(report, values):
    """Whether the report is what the form says: after the second click on a button, say."""
    recorded = {"contributors": report.contributor_names, "sections": sections_of(report)}
    sent = values | {"sections": [(heading, plain(text)) for heading, text in values["sections"]]}
    return all(recorded.get(name, getattr(report, name)) == value for name, value in sent.items() if name != "version")


def page_context(report, *more):
    meeting = report.meeting
    crumbs = [(meeting.committee.name, meeting.committee.get_absolute_url()), (report.title, report.get_absolute_url())]
    return {
        "report": report,
        "meeting": meeting,
        "today": timezone.localdate(),
        "crumbs": [*crumbs, *more] if more else crumbs,
    }


def render_writing_page(request, report, form, *, draft=None):
    context = {
        **page_context(report),
        "form": form,
        "draft": draft,
        "on_behalf": request.user not in report.writers,
        "pictures": list(report.pictures.current()),
    }
    return render(request, "officer/officer_report.html", context)


def render_reading_page(request, report, *, closed, draft=None):
    context = {
        **page_context(report),
        **reading(report),
        "closed": closed,
        "to_sign": report.state == OfficerReportState.AWAITING_SIGN_OFF
        and any(one.person == request.user and one.signed_at is None for one in report.signatures.all()),
        "draft": draft,
        "lost": lost_texts(draft.posted) if draft else [],
    }
    return render(request, "officer/read_officer_report.html", context)


def reading(report):
    """What `officer/report_text.html` prints."""
    content = officer_report_content(report)
    pictures = {picture.name: picture.get_absolute_url() for picture in report.pictures.current()}
    return {"content": content, "sections": section_html(content.sections, pictures)}


# --- When two people wrote at once ---


def render_clash_page(request, current, form, *, submitting=False, status=200):
    yours = dict(form.values()["sections"])
    theirs = dict(sections_of(current))
    data = form.data.copy()
    data["version"] = current.version
    clashing = []
    for number, heading in enumerate([*theirs, *(heading for heading in yours if heading not in theirs)], start=1):
        mine, saved = plain(yours.get(heading, "")), theirs.get(heading, "")
        data[f"heading_{number}"] = heading
        data[f"text_{number}"] = merge_texts(saved, mine) if mine and saved and mine != saved else mine or saved
        if mine != saved:
            clashing.append({"heading": heading, "mine": mine, "sides": differences(saved, mine), "number": number})
    form = make_form(request, current, data)
    context = {**page_context(current), "form": form, "clashing": clashing, "submitting": submitting}
    return render(request, "officer/report_clash.html", context, status=status)


def chosen_data(data, report):
    """What was posted; from the page of two texts, with the texts that the person chose."""
    action = data.get("action", "")
    if action not in ("mine", "theirs"):
        return data
    theirs, data = dict(sections_of(report)), data.copy()
    for name in [name for name in data if name.startswith("my_text_")]:
        number = name.removeprefix("my_text_")
        heading = data.get(f"heading_{number}", "")
        data[f"text_{number}"] = data[name] if action == "mine" else theirs.get(heading, "")
    return data


# --- Pictures ---


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_keeping_post
def officer_report_pictures(request, pk):
    report = report_or_404(request.user, pk)
    if request.method == "POST":
        check_can("write_officer_report", request.user, report, timezone.localdate())
    form = PictureForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data["alternative_text"]
        add = officer_reports.add_picture
        by = {"by": request.user, "now": timezone.now()}
        if apply_action(form, add, report, form.cleaned_data["file"], alternative_text=words, **by):
            messages.success(request, "The picture has been added. Put its mark into the text where it belongs.")
            return redirect(request.path)
    context = {
        **page_context(report, ("Pictures", "")),
        "form": form,
        "closed": why_closed(request.user, report),
        "pictures": list(report.pictures.current().select_related("uploaded_by")),
    }
    return render(request, "officer/report_pictures.html", context)


@require_POST
@login_required_keeping_post
def remove_picture(request, pk, picture):
    report = report_or_404(request.user, pk)
    found = get_object_or_404(report.pictures.current(), pk=picture)
    form, by = ConfirmForm(request.POST), {"by": request.user, "now": timezone.now()}
    if apply_action(form, officer_reports.remove_picture, found, **by):
        messages.success(request, f"{found.name} has been removed. Take its mark out of the text, too.")
    else:
        messages.error(request, " ".join(form.non_field_errors()))
    return redirect("officer:officer_report_pictures", pk)


@require_safe
@login_required_keeping_post
def picture(request, pk, picture):
    report = report_or_404(request.user, pk)
    found = get_object_or_404(report.pictures.current(), pk=picture)
    extension = found.name.rpartition(".")[2]
    return stored_file_response(request, found, found.file, found.checksum, found.name, extension, private=True)


@require_safe
@login_required_keeping_post
def officer_report_file(request, pk):
    """The report as PDF, as far as it is."""
    report = report_or_404(request.user, pk)
    try:
        pdf = officer_report_pdf(officer_report_content(report), picture_bytes(report))
    except PdfFailed as failed:
        return missing_file_page(request, report, str(failed))
    return file_response(HttpResponse(pdf), f"officer-report-{pk}.pdf", "pdf", private=True)


# --- In Word ---

LONGEST_READ = 30_000_000  # characters, as JSON with its pictures


@require_safe
@login_required_keeping_post
def officer_report_word(request, pk):
    """The Word file to write in: the council's template with the head filled in, and what has been written."""
    report = report_or_404(request.user, pk)
    data = officer_report_docx(officer_report_content(report, with_empty=True), picture_bytes(report))
    return file_response(HttpResponse(data), f"officer-report-{pk}.docx", "docx", private=True)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_keeping_post
def upload_officer_report(request, pk):
    report = report_or_404(request.user, pk)
    check_can("write_officer_report", request.user, report, timezone.localdate())
    form = WordUploadForm(request.POST, request.FILES) if request.method == "POST" else WordUploadForm()
    if form.is_bound and form.is_valid():
        try:
            keep_read(request, report, form.cleaned_data["file"].name, form.cleaned_data["read"])
        except DraftTooLong:
            form.add_error("file", "The file has too many pictures. Make them smaller and upload it again.")
        else:
            return redirect("officer:check_officer_report", pk)
    context = {
        **page_context(report, ("Write in Word", "")),
        "form": form,
        "waiting": find_read(request, report),
        "on_behalf": request.user not in report.writers,
    }
    return render(request, "officer/upload_officer_report.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_keeping_post
def check_officer_report(request, pk):
    """What would change with an uploaded Word file, before anything is saved."""
    report = report_or_404(request.user, pk)
    kept = find_read(request, report)
    if kept is None:
        return redirect("officer:upload_officer_report", pk)
    if request.POST.get("action") == "discard":
        kept.delete()
        messages.info(request, "The uploaded file has been removed. Nothing of it was saved.")
        return redirect("officer:upload_officer_report", pk)
    read, file_name, problem = unpack_read(kept.posted["read"]), kept.posted["file"], ""
    if request.method == "POST":
        version = whole_number(request.POST.get("version", ""))
        by = {"by": request.user, "now": timezone.now()}
        try:
            officer_reports.accept_word(report, read, version=version, file_name=file_name, **by)
        except EditClash as clash:
            report = clash.current
            problem = f"{report.saved_by} saved the report while this page was open. Look at it again."
        except (Refused, ValidationError) as error:
            problem = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        else:
            kept.delete()
            messages.success(request, "The text of the Word file is saved as the draft. It has not been submitted yet.")
            return redirect(f"{report.get_absolute_url()}?preview=1")
    written = {section["heading"]: plain(section["text"]) for section in report.sections}
    changes = []
    for section in read.sections:
        text, before = write_markup(section.blocks), written.pop(section.heading, "")
        changes.append({"heading": section.heading, "sides": differences(before, text), "differs": text != before})
    context = {
        **page_context(report, ("Write in Word", reverse("officer:upload_officer_report", args=[pk])), ("Check", "")),
        "file_name": file_name,
        "uploaded_at": kept.updated_at,
        "read": read,
        "changes": changes,
        "lost": [heading for heading, text in written.items() if text],
        "error_list": [(problem, "")] if problem else [],
    }
    return render(request, "officer/check_officer_report.html", context, status=409 if problem else 200)


def address_of_read(report):
    """No page has it, so that a form sent after the session has ended never takes the place of an upload."""
    return reverse("officer:check_officer_report", args=[report.pk]) + "#upload"


def find_read(request, report):
    return Draft.objects.filter(person=request.user, address=address_of_read(report)).first()


def keep_read(request, report, name, read):
    """Until it is accepted, as what else a person has not saved: for them alone, and not for ever."""
    pictures = {name: b64encode(data).decode() for name, data in read.pictures.items()}
    kept = QueryDict(mutable=True)
    kept["file"] = clean_file_name(name)
    kept["read"] = json.dumps({"read": to_plain_data(replace(read, pictures={})), "pictures": pictures})
    save_draft(request.user, address_of_read(report), kept, now=timezone.now(), most=LONGEST_READ)


def unpack_read(text):
    kept = json.loads(text)
    pictures = {name: b64decode(data) for name, data in kept["pictures"].items()}
    return replace(from_plain_data(ReadOfficerReport, kept["read"]), pictures=pictures)


# --- Sign-off ---


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_keeping_post
def sign(request, pk):
    report = report_or_404(request.user, pk)
    own = own_signature(request.user, report)
    if own is None and not request.user.is_clerk:
        check_can("return_officer_report", request.user, report, timezone.localdate())
    if request.method != "POST":
        return render_signing_page(request, report, own)
    if own is None:
        check_can("return_officer_report", request.user, report, timezone.localdate())
    seen = whole_number(request.POST.get("seen", ""))
    try:
        officer_reports.sign(own, by=request.user, now=timezone.now(), seen=-1 if seen is None else seen)
    except EditClash:
        report = report_or_404(request.user, pk)
        return render_signing_page(request, report, own_signature(request.user, report), problem=CHANGED, status=409)
    except PdfFailed as failed:
        return render_signing_page(request, report, own, problem=FAILED.format(failed), status=409)
    except Refused:
        own.refresh_from_db(fields=["signed_at"])
        if own.signed_at is None:
            raise
        messages.info(request, "You had already signed this report off. Nothing was changed.")
    else:
        messages.success(request, f"You have signed off “{report}”.")
    return redirect("cabinet:sign_officer_report", pk)


def own_signature(person, report):
    return next((one for one in report.signatures.all() if one.person_id == person.pk), None)


def render_signing_page(request, report, own, *, problem="", status=200):
    if own:
        own.report = report
    today = timezone.localdate()
    context = {
        **page_context(report, ("Sign off", "")),
        **reading(report),
        "own": own,
        "can_sign": own is not None and can("sign_officer_report", request.user, own, today),
        "can_return": own is not None and can("return_officer_report", request.user, report, today),
        "error_list": [(problem, "")] if problem else [],
    }
    return render(request, "cabinet/sign_officer_report.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_keeping_post
def return_report(request, pk):
    report = report_or_404(request.user, pk)
    if request.POST.get("action") == "discard":
        delete_draft(request)
        return redirect("cabinet:return_officer_report", pk)
    draft = find_draft(request)
    # A note that was written is shown again, also when it is too late.
    if own_signature(request.user, report) is None or not (request.method == "POST" or draft):
        check_can("return_officer_report", request.user, report, timezone.localdate())
    form = ReturnReportForm(request.POST if request.method == "POST" else draft_data(request))
    if request.method == "POST" and form.is_valid():
        by = {"by": request.user, "now": timezone.now()}
        if apply_action(form, officer_reports.return_report, report, note=form.cleaned_data["note"], **by):
            delete_draft(request)
            messages.success(request, f"You have returned “{report}”. Those who write it are notified.")
            return redirect("cabinet:sign_officer_report", pk)
    context = {**page_context(report, ("Return the report", "")), "form": form, "draft": draft}
    return render(request, "cabinet/return_officer_report.html", context)
