"""What every page knows."""

from django.conf import settings


def site(request):
    """The council's name, and whether this is the demonstration: asks nothing of the database."""
    return {"COUNCIL_NAME": settings.COUNCIL_NAME, "DEMONSTRATION": settings.DEMONSTRATION}
