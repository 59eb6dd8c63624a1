"""Where the pages are, and one step of the story."""

from inquiries.actions import progress
from tests.cast import NOW

REPORT = "/inquiries/warm-homes-inquiry/progress/6/"


def write(report, number, words, *, by, **parts):
    update = next(u for u in report.updates.for_page() if u.reference == number)
    return progress.save_update(update, version=update.version, text=words, by=by, now=NOW, **parts)
