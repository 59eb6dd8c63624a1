"""The door to the clerk's pages, and the way from a deed that was refused back to its form."""

from functools import wraps

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from inquiries.documents.pdf import PdfFailed
from inquiries.permissions import Refused, can
from inquiries.views.kept_words import forget_words, kept_words, sign_in_first


def clerks_only(view):
    """A page with a form, for clerks. Others who are signed in are not told that there is one."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @sign_in_first
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not can("administer", request.user, None, timezone.localdate()):
            raise Http404
        if request.method == "POST" and request.POST.get("action") == "discard":
            forget_words(request)
            return redirect(request.path)
        return view(request, *args, **kwargs)

    return guarded


def typed(request):
    """What was typed: now, or before signing in again; None for an empty form."""
    return request.POST if request.method == "POST" else kept_words(request)


def answer(request, form, deed, *, page, then, said, context):
    """Do `deed(**form.cleaned_data)` and go to `then`; the page with its form where there is nothing to do yet."""
    if request.method == "POST" and form.is_valid() and done(form, deed, **form.cleaned_data):
        forget_words(request)
        messages.success(request, said)
        return redirect(then)
    return render(request, page, {"form": form, "kept_words": kept_words(request), **context})


def done(form, deed, *arguments, **values):
    """Do a deed. False, with the reason in the form, where it is refused."""
    try:
        deed(*arguments, **values)
    except (Refused, PdfFailed) as refused:
        form.add_error(None, str(refused))
    except ValidationError as error:
        add_errors(form, error)
    else:
        return True
    return False


def add_errors(form, error):
    """Put a ValidationError beside the fields it is about; the rest on top."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields and name != NON_FIELD_ERRORS else None, errors)
