"""Uploaded papers: what they say they are, whether they can be read aloud, whether a page is empty or twice there."""

import re

from django.urls import reverse
from django.utils.text import get_text_list

from inquiries.dates import dates_in
from inquiries.documents.content import long_date
from inquiries.preflight.excerpts import excerpt
from inquiries.preflight.finding import Finding

ITEM_NUMBER = re.compile(r"\bagenda\s+item(?:\s+(?:no\.?|number))?\s*:?\s*(\d{1,2})\b(?!\s*(?:of|/))", re.IGNORECASE)
RANGE = re.compile(r"\bpages?\s+(\d{1,4})\s*(?:-|–|to)\s*(\d{1,4})\b|\bpage\s+(\d{1,4})\b", re.IGNORECASE)
PAGE_OF = re.compile(r"^\s*page\s+(\d{1,3})\s+of\s+(\d{1,3})\s*$", re.IGNORECASE | re.MULTILINE)
PAGE_ALONE = re.compile(r"^\s*page\s+(\d{1,4})\s*$", re.IGNORECASE | re.MULTILINE)
WITHHELD = re.compile(r"\bnot\s+for\s+publication\b|\bexempt\s+from\s+publication\b", re.IGNORECASE)
ANOTHER_PAPER = re.compile(r"\b(?:appendix|appendices|annex(?:e|es)?|enclosures?)\b[^.!?]*$", re.IGNORECASE)
DATED = re.compile(
    r"^\s*(?:date(?:\s+of\s+(?:the\s+)?meeting)?|meeting\s+date)\s*[:\t]\s*(.{4,60})$", re.IGNORECASE | re.MULTILINE
)
OTHER_DAYS = re.compile(r"\bminutes\b|\bactions?\b|\bprevious\b|\blast meeting\b", re.IGNORECASE)
HEAD = 600  # letters of a first page in which a paper says what it is


def check(subject):
    """Findings about the uploaded papers of the pack."""
    yield from _same_twice(subject)
    for item in subject.items:
        for text in (item.item.title, item.item.subtitle):
            yield from _typed_range(text, item.place)
    for item, paper in subject.papers():
        yield from _typed_range(paper.paper.title, paper.place)
        yield from _reading_aloud(subject, paper)
        yield from _empty_pages(paper)
        yield from _says_it_is(item, paper)
        yield from _dates(subject, paper)
        if not paper.exempt and paper.pages and (match := _marking(paper.pages[0][:HEAD])):
            yield Finding(
                "says_not_for_publication",
                "The paper calls itself not for publication, but is not marked as exempt.",
                paper.place.where,
                paper.place.address,
                quoted=excerpt(paper.pages[0], *match.span()),
            )


def _marking(head):
    """Where the paper says of itself that it is withheld; None where it only says so of its appendix."""
    marks = WITHHELD.finditer(head)
    return next(
        (mark for mark in marks if mark[0][0].isupper() or not ANOTHER_PAPER.search(head[: mark.start()])), None
    )


def _same_twice(subject):
    seen = {}
    for _, paper in subject.papers():
        first = seen.setdefault(paper.paper.checksum, paper) if paper.paper.checksum else paper
        if first is not paper:
            yield Finding(
                "same_paper_twice",
                f"This is the same file as {first.place.where}.",
                paper.place.where,
                paper.place.address,
            )


def _typed_range(text, place):
    if match := RANGE.search(text):
        yield Finding(
            "typed_pages",
            "The title names pages. Leave them out: the pack's page numbers are worked out.",
            place.where,
            place.address,
            quoted=match.group(),
        )


def _reading_aloud(subject, paper):
    address = reverse("clerk:replace_paper", args=[subject.meeting, paper.paper.pk])
    if paper.paper.is_untagged:
        words = "The paper is not tagged, so screen readers cannot tell its headings and tables. Ask for a tagged PDF."
        yield Finding("untagged", words, paper.place.where, address)
    elif paper.paper.tagging == "faulty":
        words = "The paper is tagged for screen readers, but the tags have faults."
        yield Finding("faulty_tags", words, paper.place.where, address)


def _empty_pages(paper):
    empty = [number for number, text in enumerate(paper.pages, start=1) if not text.strip()]
    if empty and len(empty) == len(paper.pages):
        words = "No page of the paper has any text: it is a scan, or empty."
    elif empty:
        numbers = get_text_list([str(number) for number in empty], "and")
        several = len(empty) > 1
        words = f"Page{'s' if several else ''} {numbers} {'have' if several else 'has'} no text: empty, or a picture."
    else:
        return
    place = paper.page_place(empty[0])
    yield Finding("empty_page", words, place.where, place.address)


def _says_it_is(item, paper):
    head = paper.pages[0][:HEAD] if paper.pages else ""
    if (match := ITEM_NUMBER.search(head)) and int(match[1]) != item.item.number:
        yield Finding(
            "another_item",
            f"The paper calls itself agenda item {match[1]}, but stands under item {item.item.number}.",
            paper.page_place(1).where,
            paper.place.address,
            quoted=excerpt(head, *match.span()),
        )
    yield from _says_its_pages(paper)


def _says_its_pages(paper):
    """A paper that was taken out of another pack, or lacks a page."""
    first = paper.pages[0] if paper.pages else ""
    place = paper.page_place(1)
    counted = PAGE_OF.search(first)
    alone = PAGE_ALONE.search(first)
    ranged = re.search(r"^\s*\(?pages\s+(\d{1,4})\s*(?:-|–|to)\s*(\d{1,4})\)?\s*$", first, re.IGNORECASE | re.MULTILINE)
    if counted and int(counted[1]) == 1 and int(counted[2]) != paper.paper.page_count:
        words = f"The paper says that it has {counted[2]} pages, but the file has {paper.paper.page_count}."
        yield Finding("page_count", words, place.where, place.address, quoted=counted.group().strip())
    elif (counted and int(counted[1]) > 1) or (alone and int(alone[1]) > 1):
        match = counted or alone
        words = f"The paper numbers its first page {match[1]}: is it part of another one, or of another pack?"
        yield Finding("own_pages", words, place.where, place.address, quoted=match.group().strip())
    if ranged:
        words = "The paper names page numbers of its own, which are not those of this pack."
        yield Finding("own_pages", words, place.where, place.address, quoted=ranged.group().strip())


def _dates(subject, paper):
    if OTHER_DAYS.search(paper.paper.title):
        return
    titled, filed = _day(paper.paper.title), _day(re.sub(r"[_]+", " ", paper.original_name))
    if titled and filed and titled != filed:
        yield Finding(
            "dates_disagree",
            f"The title of the paper says {long_date(titled)}, its file {long_date(filed)}.",
            paper.place.where,
            paper.place.address,
            quoted=paper.original_name,
        )
    head = DATED.search(paper.pages[0][:HEAD]) if paper.pages else None
    headed = _day(head[1]) if head else None
    if headed and headed != subject.day:
        yield Finding(
            "dates_disagree",
            f"The paper is dated {long_date(headed)}, but the meeting is on {long_date(subject.day)}.",
            paper.page_place(1).where,
            paper.place.address,
            quoted=head.group().strip(),
        )


def _day(text):
    """The first full date in a text, or None."""
    days = (written.on(written.year) for written in dates_in(text) if written.year and written.day)
    return next((day for day in days if day), None)
