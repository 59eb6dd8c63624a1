"""What is exempt in the records, and the refusal of whatever would make it public.

How a text is searched is in `documents/exempt_search.py`. What is published is searched with `search`, what a public
page shows as soon as it is saved with `check_texts`.
"""

from collections import defaultdict
from dataclasses import replace
from itertools import chain

import pikepdf
import pypdfium2
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import FilteredRelation, Q
from django.utils import timezone

from inquiries.choices import PackEdition
from inquiries.documents.content import long_date
from inquiries.documents.exempt_search import exempt_text_of, find_exempt, texts_of_data
from inquiries.documents.pack_content import Item, PackContent, Paper
from inquiries.models import (
    AgendaDocument,
    AgendaItem,
    CabinetMember,
    Clearance,
    Committee,
    Inquiry,
    ItemOutcome,
    Person,
    ProgressUpdate,
)
from inquiries.permissions import Refused


class ExemptTextFound(Refused):
    """`found` lists the exempt text in what was to be published, with its places."""

    def __init__(self, found):
        more = f" Findings like this: {len(found)} in all." if len(found) > 1 else ""
        super().__init__(
            f"Nothing has been published, because exempt text was found in what everybody would read: "
            f"{found[0].sentence}{more} If it may be published, say so on the page of the meeting's pack."
        )
        self.found = found


def check_nothing_stops(found):
    if stopping := [one for one in found if one.stops]:
        raise ExemptTextFound(stopping)


def check_texts(texts, *, inquiry=None, meetings=()):
    """Raise ValidationError, by field, where one of `texts`, {field: text}, says what is exempt.

    For texts that a public page shows at once. Those of an inquiry that is not public are searched when it becomes so.
    """
    if inquiry is not None and not inquiry.is_public:
        return
    given = [(name, one) for name, text in texts.items() if text for _, one in texts_of_data(text)]
    found = search(given, inquiries=[inquiry.pk] if inquiry else (), meetings=meetings) if given else []
    errors = defaultdict(list)
    for one in found:
        for name in one.places if one.stops else ():
            errors[name].append(
                f"Everybody would read this at once, and “{one.text}” is exempt: it is from {one.source}. Take it out. "
                "If it may be published, say so on the page of the meeting’s pack."
            )
    if errors:
        raise ValidationError(errors)


def search(texts, *, inquiries=(), meetings=(), content=None):
    """What is exempt in the reports of these inquiries (their keys), or in the papers and minutes of these meetings and
    the reports of what reports to them, and is in `texts`, pairs (where, text).

    A list of ExemptFound, without what a clerk has allowed. `content` is a PackContent of which everybody may read the
    titles; what is exempt in it is searched for as well.
    """
    meetings = list(meetings)
    content = content or empty_pack(meetings)
    reporting, papers = reports_and_exempt_papers(meetings, content)
    inquiries = {*inquiries, *reporting}
    content = replace(content, items=(*content.items, *items_with(papers, content)))
    passages = exempt_passages(inquiries, meetings)
    if not passages and not any(item.has_exempt_pages for item in content.items):
        return []
    documents = {one.pk: (one.title, one.original_name, one.page_texts) for one in papers}
    of_inquiries = Q(meeting__progress_reports__inquiry__in=inquiries)
    cleared = Clearance.objects.filter(Q(meeting__in=meetings) | of_inquiries).values_list("text", flat=True)
    try:
        texts = list(texts)
    except (pikepdf.PdfError, pypdfium2.PdfiumError):
        raise Refused("A file that was to be published cannot be read, so nothing has been published.") from None

    def find(names):
        exempt = exempt_text_of(content, documents, names, passages)
        for text in cleared:
            exempt.allow(text)
        return find_exempt(exempt, texts)

    # The names of everybody and everything public are many, and allow some of what is found: mostly there is nothing.
    return find({settings.COUNCIL_NAME}) and find(public_names())


def public_names():
    return {
        settings.COUNCIL_NAME,
        *chain.from_iterable(Person.objects.values_list("name", "job_title")),
        *CabinetMember.objects.values_list("portfolio", flat=True),
        *Committee.objects.values_list("name", flat=True),
        *Inquiry.objects.public().values_list("title", flat=True),
    }


def empty_pack(meetings):
    start = meetings[0].start if meetings else timezone.now()
    return PackContent(
        council=settings.COUNCIL_NAME,
        committee="",
        start=timezone.localtime(start).isoformat(),
        venue="",
        members=(),
        edition=PackEdition.RESTRICTED,
        supplement=0,
        items=(),
    )


def reports_and_exempt_papers(meetings, content):
    """The inquiries that report to these meetings; the exempt papers of the meetings, and those that `content` has."""
    exempt = Q(documents__exempt_paragraph__isnull=False, documents__removed_at__isnull=True)
    items = (
        AgendaItem.objects.on_agenda()
        .filter(meeting__in=meetings)
        .annotate(paper=FilteredRelation("documents", condition=exempt))
        .select_related("report", "paper")
        .defer("paper__pages")
        .order_by("meeting__start", "number", "paper__position", "paper__pk")
    )
    inquiries, papers = set(), {}
    for item in items if meetings else ():
        if item.report:
            inquiries.add(item.report.inquiry_id)
        # An item that has none has no such attribute either.
        if paper := getattr(item, "paper", None):
            paper.item = item
            papers[paper.pk] = paper
    others = {paper.pk for item in content.items for paper in item.exempt_papers} - papers.keys()
    if others:
        papers |= AgendaDocument.objects.select_related("item").defer("pages").in_bulk(others)
    return inquiries, list(papers.values())


def items_with(papers, content):
    """The Items with those of these exempt papers that `content` has not."""
    present = {paper.pk for item in content.items for paper in item.exempt_papers}
    return [
        Item(
            one.item_id,
            one.item.number,
            one.item.title,
            exempt_papers=(Paper(one.pk, one.title, one.checksum, one.page_count, one.tagging),),
        )
        for one in papers
        if one.pk not in present
    ]


def exempt_passages(inquiries, meetings):
    """The exempt parts of the updates on these inquiries, and of the minutes about them or of these meetings, as pairs
    (what it is part of, text)."""
    updates = ProgressUpdate.objects.filter(report__inquiry__in=inquiries, closed_at__isnull=True)
    updates = updates.exclude(exempt_text="") if inquiries else ProgressUpdate.objects.none()
    items = AgendaItem.objects.filter(report__inquiry__in=inquiries).values("pk")
    if meetings:
        items = items.union(AgendaItem.objects.filter(meeting__in=meetings).values("pk"))
    outcomes = ItemOutcome.objects.filter(item__in=items).exclude(exempt_text="")
    return [
        *(
            (f"the exempt part of the update on {one.response.references} in “{one.report}”", one.exempt_text)
            for one in updates.select_related("report__inquiry", "response").with_recommendations().order_by("pk")
        ),
        *(
            (
                f"the exempt part of the minutes of {long_date(one.item.meeting.day)} on item {one.item.number}",
                one.exempt_text,
            )
            for one in outcomes.select_related("item__meeting").order_by("pk")
        ),
    ]


def file_bytes(file):
    with file.open("rb") as kept:
        return kept.read()
