"""What the clerk's pages with a form share: who may open them, and how a refusal comes back beside the field."""

from dataclasses import dataclass
from functools import partial, wraps

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from inquiries.actions.records import FieldsChanged
from inquiries.documents.typst_runner import PdfFailed
from inquiries.govuk import GovukForm, add_errors
from inquiries.permissions import Refused, can
from inquiries.views.drafts import delete_draft, draft_data, find_draft, login_required_keeping_post


def clerk_required(view):
    """A page with a form, for clerks. For others who are signed in it is not found."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @login_required_keeping_post
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not can("administer", request.user, None, timezone.localdate()):
            raise Http404
        if request.method == "POST" and request.POST.get("action") == "discard":
            delete_draft(request)
            return redirect(request.path)
        return view(request, *args, **kwargs)

    return guarded


class ConfirmForm(GovukForm, Form):
    """Nothing to fill in: only the button."""


@dataclass(frozen=True)
class Success:
    """Where a page goes when its action is done, and the message shown there."""

    url: str
    message: str


def bound_data(request):
    """What was typed: now, or before signing in again; None for an empty form."""
    return request.POST if request.method == "POST" else draft_data(request)


def process_form(request, form, action, success, context):
    """Do `action` as this person, now, and redirect; else render the page, whose template is named as its URL."""
    act = partial(action, by=request.user, now=timezone.now())
    if request.method == "POST" and form.is_valid() and apply_action(form, act, **form.cleaned_data):
        delete_draft(request)
        messages.success(request, success.message)
        return redirect(success.url)
    template = f"clerk/{request.resolver_match.url_name}.html"
    return render(request, template, {"form": form, "draft": find_draft(request), **context})


def apply_action(form, action, *arguments, **values):
    """Call an action. False, with the reason in the form, where it is refused."""
    try:
        action(*arguments, **values)
    except FieldsChanged as clash:
        form.show_changes(clash)
        return False
    except (Refused, PdfFailed, ValidationError) as error:
        add_errors(form, error)
        return False
    return True
