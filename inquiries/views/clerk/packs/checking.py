"""What a careful clerk finds before publishing, and words that may be published all the same."""

from functools import partial

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from inquiries.actions import packs
from inquiries.forms.clerk.packs import ClearWordsForm, TextForm
from inquiries.views.clerk.guard import answer, clerks_only, typed
from inquiries.views.clerk.packs.issue import address, crumbs, issue_or_404, meeting_or_404


@require_safe
@clerks_only
def check_pack(request, pk, supplement):
    """The findings of the pre-flight: what stops publication first, then what is worth a look."""
    issue = issue_or_404(pk, supplement, words=True)
    found = issue.findings(timezone.now())
    context = {
        "issue": issue,
        "meeting": issue.meeting,
        "stopping": [finding for finding in found if finding.stops],
        "others": [finding for finding in found if not finding.stops],
        "crumbs": crumbs(issue.meeting, supplement, "Check before publishing"),
    }
    return render(request, "clerk/check_pack.html", context)


@clerks_only
def clear_words(request, pk, supplement):
    """Let words that were found in a public paper be published, with a reason."""
    meeting = meeting_or_404(pk)
    asked = TextForm(request.GET)
    initial = {"text": asked.cleaned_data["text"]} if asked.is_valid() else {}
    back = address("publish_pack", meeting, supplement)
    return answer(
        request,
        ClearWordsForm(typed(request), initial=initial),
        partial(packs.clear_words, meeting, by=request.user, now=timezone.now()),
        page="clerk/clear_words.html",
        then=back,
        said="These words may be published. Publish the pack once more: it is searched again.",
        context={"meeting": meeting, "back": back, "crumbs": crumbs(meeting, supplement, "Clear words")},
    )
