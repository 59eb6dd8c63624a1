"""What is kept about oneself, as a file."""

from django.http import JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from inquiries.actions.personal_data import export_person
from inquiries.views.kept_words import sign_in_first


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_first
def account_your_data(request):
    """What the file holds; then the file. To take it is a deed, which the history keeps."""
    if request.method == "POST":
        return as_download(export_person(request.user, by=request.user, now=timezone.now()))
    crumbs = [("Your account", reverse("account_you")), ("Your data", "")]
    return render(request, "account/your_data.html", {"crumbs": crumbs})


def as_download(data):
    """Data as a JSON file to be saved: readable by people, and kept by nobody on the way."""
    response = JsonResponse(data, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = 'attachment; filename="personal-data.json"'
    response["Cache-Control"] = "no-store"
    return response
