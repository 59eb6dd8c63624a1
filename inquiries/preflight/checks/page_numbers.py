"""Page numbers of the pack that stand in another one too: the pages of all issues of a meeting are one run."""

from django.urls import reverse

from inquiries.models.packs import issue_name
from inquiries.preflight.finding import Finding


def check(subject):
    """Findings about later supplements that have the same page numbers."""
    for later, page in subject.overlaps:
        name = issue_name(later)
        yield Finding(
            "pages_twice",
            f"{name} is published with pages from {page} on, and this pack now has a page {page} too. When this is "
            f"published, build and publish {name.lower()} again.",
            "Page numbers",
            reverse("clerk:pack", args=[subject.meeting, later]),
        )
