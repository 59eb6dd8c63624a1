"""What tests of the lead officer's pages do again and again."""

from inquiries.actions import progress
from inquiries.models import Response
from tests.cast import NOW

PAGE = "/inquiries/warm-homes-inquiry/progress/6/updates/1a/"
AUTOSAVE = f"{PAGE}autosave/"


def fresh(report, reference="1a"):
    return report.updates.for_page().get(response=Response.objects.get(recommendations__reference=reference))


def save(update, by, text="Ten homes.", **words):
    return progress.save_update(update, version=update.version, by=by, now=NOW, text=text, **words)


def typed(update, **words):
    """What a browser sends: every field of the form."""
    return {
        "version": update.version,
        "text": update.text,
        "officer_view": "",
        "exempt_text": "",
        "exempt_paragraph": "",
        "links-TOTAL_FORMS": 3,
        "links-INITIAL_FORMS": 0,
        "action": "save",
        **words,
    }


def words_of(response):
    return " ".join(response.content.decode().split())
