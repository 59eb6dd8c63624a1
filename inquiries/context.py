"""What every page knows."""

from django.conf import settings
from django.utils import timezone

from inquiries.permissions import can


def site(request):
    """The council's name, whether this is the demonstration, and whether the person keeps the records.

    Queries nothing: `may_administer` is a function, so that pages that do not ask do not load the session.
    """
    return {
        "COUNCIL_NAME": settings.COUNCIL_NAME,
        "DEMONSTRATION": settings.DEMONSTRATION,
        # A request that is refused before the session is read has no user.
        "may_administer": lambda: (
            hasattr(request, "user") and can("administer", request.user, None, timezone.localdate())
        ),
    }
