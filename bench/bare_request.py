"""The addresses of the application and three more: the least that a page, one for who is signed in, and a write do."""

from django.http import JsonResponse
from django.urls import path
from django.views.decorators.http import require_POST

from inquiries.models import Evidence
from scrutiny.urls import *  # noqa: F403
from scrutiny.urls import urlpatterns as ours


def bare(request):
    return JsonResponse({"answered": True})


def bare_signed_in(request):
    return JsonResponse({"name": request.user.name})


@require_POST
def bare_update(request):
    """One UPDATE by its key, for somebody who is signed in."""
    if not request.user.is_authenticated:
        return JsonResponse({}, status=401)
    Evidence.objects.filter(pk=1).update(title=request.POST["text"][:200])
    return JsonResponse({"saved": True})


urlpatterns = [
    path("bare/", bare),
    path("bare/signed-in/", bare_signed_in),
    path("bare/update/", bare_update),
    *ours,
]
