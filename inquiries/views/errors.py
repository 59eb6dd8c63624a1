"""What one sees when something does not work: what happened, and what to do."""

from django.conf import settings
from django.http import HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string

# Never shown again on a page, whatever a form holds.
SECRET_FIELDS = frozenset({"csrfmiddlewaretoken", "password", "password1", "password2", "oldpassword", "code"})


def forbidden(request, exception):
    """403, with the reason why this person may not do this."""
    return render(request, "403.html", {"reason": str(exception)}, status=403)


def not_found(request, exception):
    """404: there is nothing here, or nothing this person may know of."""
    return render(request, "404.html", status=404)


def server_error(request):
    """500. Without context processors: whatever broke, the database perhaps, may break them too."""
    return HttpResponseServerError(
        render_to_string("500.html", {"COUNCIL_NAME": settings.COUNCIL_NAME, "DEMONSTRATION": settings.DEMONSTRATION})
    )


def csrf_failure(request, reason=""):
    """403 after a form from an expired session: the words typed are shown, so that nobody loses them."""
    words = [
        (name, text)
        for name, texts in request.POST.lists()
        if name not in SECRET_FIELDS
        for text in texts
        if text.strip()
    ]
    return render(request, "403_csrf.html", {"words": words}, status=403)
