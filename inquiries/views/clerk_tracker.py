"""Recommendations chosen on the tracker, changed together: what would change is shown first."""

from functools import partial

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from inquiries.actions.bulk_changes import change_responses, mark_of_lines, preview_changes
from inquiries.forms.clerk_tracker import BulkChangeForm
from inquiries.forms.tracker import TrackerFilter
from inquiries.govuk import LONGEST_KEY
from inquiries.models import Inquiry, Recommendation
from inquiries.views.drafts import delete_draft, find_draft
from inquiries.views.form_processing import apply_action, clerk_required

MOST_AT_ONCE = 200


@clerk_required
def change_recommendations(request):
    today, now = timezone.localdate(), timezone.now()
    # What was typed when the session had ended comes back without an address that says what was ticked.
    draft = None if request.GET else find_draft(request)
    typed = request.POST if request.method == "POST" else draft and draft.posted
    asked = typed or request.GET
    query = asked.get("query", "")
    back = reverse("public:tracker") + (f"?{query}" if query else "")
    keys = chosen_keys(asked, request.user, today)
    crumbs = [("Tracker", back), ("Change recommendations", "")]
    context = {"back": back, "query": query, "count": len(keys), "most": MOST_AT_ONCE, "crumbs": crumbs}
    if not 0 < len(keys) <= MOST_AT_ONCE:
        return render(request, "clerk/change_recommendations.html", context)
    recommendations = list(Recommendation.objects.filter(pk__in=keys).in_order().select_related("inquiry"))
    form = BulkChangeForm(typed, today=today)
    lines = []
    if request.method == "POST" and form.is_valid():
        values = {"reason": form.cleaned_data["reason"], "by": request.user, "now": now} | form.values()
        if request.POST.get("action") == "change":
            change = partial(change_responses, recommendations, seen=request.POST.get("seen", ""), **values)
            if apply_action(form, lambda: lines.extend(change())):
                delete_draft(request)
                report_changes(request, lines)
                return redirect(back)
        lines = preview_changes(recommendations, **values)
    context |= {
        "form": form,
        "draft": draft,
        "recommendations": recommendations,
        "lines": lines,
        "seen": mark_of_lines(lines),
        "changing": sum(bool(line.changes) for line in lines),
        "inquiries": Inquiry.objects.filter(recommendations__in=keys).order_by("title").distinct(),
    }
    return render(request, "clerk/change_recommendations.html", context)


def chosen_keys(asked, person, today):
    """The keys of the recommendations ticked, or of all that the filters find."""
    if asked.get("all"):
        filters = TrackerFilter(QueryDict(asked.get("query", "")), person=person, today=today)
        # The key of a row is twice that of its recommendation, or one more.
        return sorted({key // 2 for key in filters.keys(0, MOST_AT_ONCE + 1)})
    ticked = {key for key in asked.getlist("row") if key.isascii() and key.isdigit() and len(key) <= LONGEST_KEY}
    return sorted(Recommendation.objects.filter(pk__in=ticked).values_list("pk", flat=True)[: MOST_AT_ONCE + 1])


def report_changes(request, lines):
    changed, refused = sum(bool(line.changes) for line in lines), sum(bool(line.refusal) for line in lines)
    sentence = f"{changed} response{'' if changed == 1 else 's'} changed."
    messages.success(request, f"{sentence} {refused} could not be changed." if refused else sentence)
