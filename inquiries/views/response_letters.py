"""The letters that ask for Cabinet's response: written, read again, and the last step on the public page."""

from functools import partial

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.text import get_text_list, slugify
from django.views.decorators.http import require_safe

from inquiries import rules
from inquiries.actions import response_letters
from inquiries.choices import LetterStep
from inquiries.documents.letter import Letter, letter_docx, letter_pdf
from inquiries.documents.typst_runner import PdfFailed
from inquiries.forms.response_letters import LetterForm
from inquiries.govuk import add_errors
from inquiries.models import Inquiry, ResponseLetter
from inquiries.views.downloads import file_response
from inquiries.views.drafts import delete_draft, find_draft
from inquiries.views.form_processing import (
    ConfirmForm,
    Success,
    apply_action,
    bound_data,
    clerk_required,
    process_form,
)

MAKERS = {"pdf": letter_pdf, "docx": letter_docx}


@clerk_required
def write(request, slug, step):
    """One letter of the ladder: its words can be changed and looked at as PDF or Word before it is recorded as sent."""
    inquiry = inquiry_or_404(slug)
    if step not in LetterStep:
        raise Http404
    step, today = LetterStep(step), timezone.localdate()
    if request.method != "POST":
        response_letters.check_is_awaited(inquiry)
        rules.check_letter(step, inquiry.response_due, response_letters.steps_sent(inquiry), today)
    form = LetterForm(
        bound_data(request), today=today, initial={"sent_on": today, "body": suggested_body(inquiry, step)}
    )
    if request.method == "POST" and form.is_valid():
        if (format := request.POST.get("action")) in MAKERS:
            letter = ResponseLetter(inquiry=inquiry, step=step, sent_by=request.user, **form.values())
            try:
                return letter_response(letter, format)
            except PdfFailed as failed:
                add_errors(form, failed)
        else:
            given = {**form.values(), "step": step, "by": request.user, "now": timezone.now()}
            if apply_action(form, response_letters.record_letter, inquiry, **given):
                delete_draft(request)
                messages.success(request, f"The {step.label.lower()} is recorded as sent.")
                return redirect(f"{inquiry.get_absolute_url()}#response-letters")
    context = {
        "inquiry": inquiry,
        "step": step,
        "form": form,
        "draft": find_draft(request),
        "crumbs": [(inquiry.title, inquiry.get_absolute_url()), (step.label, "")],
    }
    return render(request, "clerk/write_letter.html", context)


@require_safe
@clerk_required
def read(request, slug, step, format):
    letters = ResponseLetter.objects.select_related("inquiry__committee", "sent_by")
    return letter_response(get_object_or_404(letters, inquiry__slug=slug, step=step), format)


@clerk_required
def publish_no_response(request, slug):
    inquiry = inquiry_or_404(slug)
    success = Success(inquiry.get_absolute_url(), "The public page says that no response has come.")
    context = {"inquiry": inquiry, "crumbs": [(inquiry.title, inquiry.get_absolute_url()), ("No response", "")]}
    publish = partial(response_letters.publish_no_response, inquiry)
    return process_form(request, ConfirmForm(bound_data(request)), publish, success, context)


@clerk_required
def withdraw_no_response(request, slug):
    inquiry = inquiry_or_404(slug)
    success = Success(inquiry.get_absolute_url(), "The sentence is off the public page.")
    context = {"inquiry": inquiry, "crumbs": [(inquiry.title, inquiry.get_absolute_url()), ("No response", "")]}
    withdraw = partial(response_letters.withdraw_no_response, inquiry)
    return process_form(request, ConfirmForm(bound_data(request)), withdraw, success, context)


def inquiry_or_404(slug):
    return get_object_or_404(Inquiry.objects.select_related("committee"), slug=slug)


def suggested_body(inquiry, step):
    numbers = list(response_letters.awaiting_response(inquiry).in_order().values_list("reference", flat=True))
    context = {
        "inquiry": inquiry,
        "due": inquiry.response_due,
        "numbers": get_text_list(numbers, "and"),
        "several": "s" if len(numbers) > 1 else "",
        "earlier": response_letters.steps_sent(inquiry),
    }
    return render_to_string(f"letters/{step}.txt", context).strip()


def letter_response(letter, format):
    inquiry = letter.inquiry
    contact = ", ".join(filter(None, (settings.CONTACT_NAME, settings.CONTACT_TELEPHONE, settings.CONTACT_EMAIL)))
    made = MAKERS[format](
        Letter(
            council=settings.COUNCIL_NAME,
            committee=inquiry.committee.name,
            day=letter.sent_on,
            addressed_to=letter.addressed_to,
            salutation=letter.salutation,
            subject=f"Response to the report “{inquiry.title}”: {letter.get_step_display().lower()}",
            body=tuple(" ".join(part.split()) for part in letter.body.replace("\r", "").split("\n\n") if part.strip()),
            signed=tuple(filter(None, (letter.sent_by.name, letter.sent_by.job_title, inquiry.committee.name))),
            contact=contact,
        )
    )
    name = f"{slugify(letter.get_step_display())}-{inquiry.slug}.{format}"
    return file_response(HttpResponse(made), name, format, private=True)
