"""The addresses of the application and one more: the least that a request which writes can do."""

from django.http import JsonResponse
from django.urls import path
from django.views.decorators.http import require_POST

from inquiries.models import Evidence
from scrutiny.urls import *  # noqa: F403
from scrutiny.urls import urlpatterns as ours


@require_POST
def bare_update(request):
    """One UPDATE by its key, for somebody who is signed in."""
    if not request.user.is_authenticated:
        return JsonResponse({}, status=401)
    Evidence.objects.filter(pk=1).update(title=request.POST["text"][:200])
    return JsonResponse({"saved": True})


urlpatterns = [path("bare/", bare_update), *ours]
