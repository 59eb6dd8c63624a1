"""What a clerk prints by itself: the front sheet, or one item with its page numbers of the pack."""

from io import BytesIO

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from inquiries.actions import packs
from inquiries.choices import PackEdition
from inquiries.documents.pack.reprint import reprint
from inquiries.forms.clerk.packs import EditionForm
from inquiries.models.packs import issue_name
from inquiries.views.clerk.guard import clerks_only
from inquiries.views.clerk.packs.issue import crumbs, meeting_or_404

NOT_BUILT = "This edition of the pack has not been built yet, so there is nothing to print."
NO_PAGES = "This item has no pages in the pack that was built last."
NO_FILE = "The file of the pack is not where it was kept."


@require_safe
@clerks_only
def front_sheet(request, pk, supplement):
    """The front sheet alone, of the newest build."""
    meeting, pack = _newest(request, pk, supplement)
    if pack is None:
        return _nothing(request, meeting, supplement, NOT_BUILT)
    first = min((entry.first_page for entry in pack.entries.all() if not entry.exempt), default=pack.last_page + 1)
    # A pack whose first paper starts on its first page would be no pack: there is always a front sheet.
    last = max(first - pack.first_page - 1, 0)
    return _printed(request, pack, 0, last, f"front-sheet-{issue_name(supplement)}")


@require_safe
@clerks_only
def reprint_item(request, pk, supplement, item):
    """The pages of one item; of the restricted edition those in Part 2, because Part 1 is as the public one."""
    meeting, pack = _newest(request, pk, supplement)
    if pack is None:
        return _nothing(request, meeting, supplement, NOT_BUILT)
    exempt = pack.edition == PackEdition.RESTRICTED
    # Compared here: the address may hold a number that no column holds.
    entries = pack.entries.select_related("item").filter(exempt=exempt)
    entry = next((entry for entry in entries if entry.item_id == item), None)
    if entry is None:
        return _nothing(request, meeting, supplement, NO_PAGES)
    before = _pages_before(pack, exempt)
    return _printed(request, pack, entry.first_page - before, entry.last_page - before, f"item-{entry.item.number}")


def _newest(request, pk, supplement):
    """(the meeting, the newest build of the edition asked for or None)"""
    form = EditionForm(request.GET)
    if not form.is_valid():
        raise Http404
    meeting = meeting_or_404(pk)
    pack = packs.latest_packs(meeting, supplement).get(form.cleaned_data["edition"])
    return meeting, pack


def _pages_before(pack, exempt):
    """What to take from a printed page number to have the index of the page in the file."""
    if not exempt:
        return pack.first_page
    # Part 2 begins where Part 1 ends, and its numbers carry on from the issue before.
    return pack.content["first_exempt_page"] - (pack.last_page - pack.first_page + 1)


def _printed(request, pack, first, last, name):
    output = BytesIO()
    try:
        with pack.file.open("rb") as kept:
            reprint(kept.read(), first, last, output)
    except FileNotFoundError:
        return render(request, "public/no_file.html", {"reason": NO_FILE, "thing": pack.meeting}, status=503)
    response = HttpResponse(output.getvalue(), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name.lower().replace(" ", "-")}.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _nothing(request, meeting, supplement, reason):
    context = {"reason": reason, "meeting": meeting, "supplement": supplement, "crumbs": crumbs(meeting, supplement)}
    return render(request, "clerk/nothing_to_print.html", context, status=404)
