"""The tracker: one table of every recommendation that a person may see, and the same as Excel and CSV."""

from itertools import groupby

from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from inquiries.choices import Decision, OfficerView, Rating, TrackerState
from inquiries.documents.content import long_date
from inquiries.documents.data_formats import csv_lines
from inquiries.documents.tracker_table import TRACKER_COLUMNS, tracker_cells
from inquiries.documents.xlsx import Column, Sheet, xlsx_bytes
from inquiries.forms.tracker import NONE, SAVED_VIEWS, SORTS, TrackerFilter
from inquiries.models import TrackerRow
from inquiries.rules import Refused
from inquiries.views.downloads import file_response

PER_PAGE = 40
AT_A_TIME = 500
MOST_SHOWN = 140  # characters of a recommendation
MOST_IN_EXCEL = 10_000
RECOMMENDATION, RESPONSE = "recommendation", "recommendation__response"
RELATED = (f"{RESPONSE}__lead_officer", f"{RESPONSE}__cabinet_member", f"{RECOMMENDATION}__inquiry", "committee")
# All that the page and the files show, of records that have much more.
SHOWN = (
    *(field.name for field in TrackerRow._meta.fields if not field.name.endswith("_sort")),
    *(f"{RECOMMENDATION}__{name}" for name in ("reference", "text")),
    *(f"{RECOMMENDATION}__inquiry__{name}" for name in ("title", "slug", "published_at")),
    *(f"{RESPONSE}__{name}" for name in ("text", "reason")),
    *(f"{RESPONSE}__lead_officer__{name}" for name in ("name", "job_title")),
    f"{RESPONSE}__cabinet_member__name",
    "committee__name",
)
# Each column of the page, with what can be sorted by in it.
HEADS = (
    ("number", "inquiry", "committee"),
    ("decision",),
    ("officer", "portfolio"),
    ("target",),
    ("rating", "rated", "view"),
    ("next",),
    ("state", "late"),
)


@require_safe
def tracker(request):
    today = timezone.localdate()
    form = TrackerFilter(request.GET, person=request.user, today=today)
    counts = form.counts()
    page = Paginator(range(counts.total), PER_PAGE).get_page(request.GET.get("page"))
    start = page.start_index() - 1 if counts.total else 0
    rows = [with_words(row, form, today) for row in rows_in_order(form.keys(start, start + PER_PAGE))]
    group = form.cleaned_data.get("group", "")
    together = groupby(rows, lambda row: heading_of(row, group))
    context = {
        "form": form,
        "page": page,
        "counts": counts,
        "groups": [(heading, [line_of(row, group) for row in found]) for heading, found in together],
        "heads": [[sort_link(request, form, name) for name in names] for names in HEADS],
        "ratings": [
            (rating.label, counts.ratings[rating], address_with(request, rating=rating.value))
            for rating in Rating
            if counts.ratings[rating]
        ],
        "unrated": (counts.ratings[None], address_with(request, rating=NONE)),
        "states": [
            (state.label, counts.states[state], address_with(request, state=state.value))
            for state in TrackerState
            if counts.states[state]
        ],
        "late_address": address_with(request, attention="late"),
        "saved_views": [(name, f"?{query}", query == request.GET.urlencode()) for name, query in SAVED_VIEWS],
        "filters": list(form.in_words()) if form.is_valid() else [],
        "query": query_of(request).urlencode(),
        "too_many_for_excel": counts.total > MOST_IN_EXCEL,
        "most_in_excel": MOST_IN_EXCEL,
    }
    return render(request, "public/tracker.html", context)


@require_safe
def tracker_file(request, format):
    """Every row that is asked for, in its order. With an address that asks for what there is not, back to the page."""
    today = timezone.localdate()
    form = TrackerFilter(request.GET, person=request.user, today=today)
    if not form.is_valid():
        return redirect(f"{reverse('public:tracker')}?{request.GET.urlencode()}")
    keys = form.keys()
    lines = (
        tracker_cells(row, row.portfolio, request.build_absolute_uri(row.recommendation.get_absolute_url()), today)
        for row in (with_words(row, form, today) for row in rows_in_order(keys))
    )
    name = f"tracker-{today.isoformat()}.{format}"
    if format == "csv":
        csv = csv_lines([column.heading for column in TRACKER_COLUMNS], lines)
        return file_response(StreamingHttpResponse(csv), name, format, private=True)
    if len(keys) > MOST_IN_EXCEL:
        raise Refused(
            f"An Excel file holds at most {MOST_IN_EXCEL:,} recommendations here. Filter more, or take the CSV."
        )
    about = [("Made on", long_date(today)), ("Recommendations", len(keys)), *form.in_words()]
    data = xlsx_bytes(
        Sheet("Tracker", TRACKER_COLUMNS, lines),
        Sheet("About", (Column("About this table", 30), Column("", 60)), about),
        title="Tracker of recommendations",
    )
    return file_response(HttpResponse(data), name, format, private=True)


def rows_in_order(keys):
    """The rows with these keys, in their order, with all that is shown of them; a few at a time."""
    for start in range(0, len(keys), AT_A_TIME):
        some = keys[start : start + AT_A_TIME]
        found = TrackerRow.objects.select_related(*RELATED).only(*SHOWN).in_bulk(some)
        for key in some:
            # One that has been deleted since the keys were read is left out.
            if row := found.get(key):
                row.inquiry = row.recommendation.inquiry
                yield row


def with_words(row, form, today):
    row.portfolio = form.portfolios.get(row.cabinet_member_id, ("", ""))[0]
    row.late = row.days_late(today)
    return row


def line_of(row, group):
    """What the table prints of a row, as plain texts: a template works out little of what is there forty times."""
    recommendation, response, inquiry = row.recommendation, row.recommendation.response, row.inquiry
    officer, member = (response.lead_officer, response.cabinet_member) if response else (None, None)
    return {
        "key": str(recommendation.pk),
        "number": recommendation.reference,
        "text": recommendation.text
        if len(recommendation.text) <= MOST_SHOWN
        else recommendation.text[: MOST_SHOWN - 1] + "…",
        "address": recommendation.get_absolute_url(),
        "place": row.committee.name if group == "inquiry" else f"{inquiry.title}, {row.committee.name}",
        "is_public": inquiry.is_public,
        "decision": Decision(row.decision).label if row.decision else "None yet",
        "officer": officer.name if officer else "",
        "lacks_officer": response is not None and officer is None,
        "member": ": ".join(filter(None, (row.portfolio, member.name))) if member else "",
        "target": long_date(row.target_date) if row.target_date else "",
        "first_target": long_date(row.original_target_date) if row.target_date != row.original_target_date else "",
        "rating": row.rating,
        "rated": row.rating_day,
        "view": OfficerView(row.officer_view).label.lower() if row.officer_view else "",
        "months": str(row.months) if row.months else "",
        "report": row.report_address if row.months and row.is_under_way else "",
        "months_due": long_date(row.months_due_on) if row.months_due_on else "",
        "state": TrackerState(row.state).label,
        "late": f"{row.late} day{pluralize(row.late)} late" if row.late else "",
        "what_is_due": row.what_is_due if row.late else "",
    }


def heading_of(row, group):
    response = row.recommendation.response
    if group == "inquiry":
        return row.inquiry.title
    if group == "officer":
        return response.lead_officer.title_and_name if row.lead_officer_id else "No lead officer"
    if group == "portfolio":
        return (
            f"{row.portfolio} ({response.cabinet_member})".removeprefix(" ")
            if row.cabinet_member_id
            else "No portfolio"
        )
    return ""


def query_of(request):
    """What is asked for, whatever the page."""
    query = request.GET.copy()
    query.pop("page", None)
    return query


def address_with(request, **values):
    query = query_of(request)
    for name, value in values.items():
        query[name] = value
    return f"?{query.urlencode()}"


def sort_link(request, form, name):
    """(label, address that sorts by it, "ascending", "descending" or "")"""
    query = query_of(request)
    query["sort"] = name
    is_active = form.cleaned_data.get("sort") == name
    is_reverse = bool(query.pop("reverse", None)) and is_active
    if is_active and not is_reverse:
        query["reverse"] = "on"
    return SORTS[name][0], f"?{query.urlencode()}", (is_active and ("descending" if is_reverse else "ascending")) or ""
