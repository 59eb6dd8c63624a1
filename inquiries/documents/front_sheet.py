"""The front sheet of a pack: the agenda with its pages, as a council prints it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from inquiries.choices import ExemptParagraph
from inquiries.documents.content import long_date
from inquiries.documents.pack_content import TO_FOLLOW, exempt_description
from inquiries.documents.pack_merge import PAGE_LINK
from inquiries.documents.safe_text import break_points, printable
from inquiries.documents.typst_runner import compile_document

WIDEST = 44  # the longest word that the widest column takes, in the measure of `safe_text.break_points`
UNTAGGED = "not tagged for screen readers; ask the clerk for another form"
MARKING = "NOT FOR PUBLICATION"
SCHEDULE = "Part 1 of Schedule 12A to the Local Government Act 1972"
MARKING_REASON = (
    "This edition is for members of the committee and those who advise them. The pages E1 and following hold "
    "exempt information, from which the press and the public are likely to be excluded, under"
)
# Local Government Act 1972, section 100A(1), (4) and (7), as amended by the Openness Regulations 2014.
ACCESS = (
    "The public may attend this meeting, and may film, record or report on it, except while exempt or confidential "
    "information is considered."
)
NO_ITEMS = "There is nothing on the agenda yet."


@dataclass(frozen=True)
class Place:
    first: str  # "15", or "E1"
    last: str

    @property
    def range(self):
        """ "15 - 20", or "15" for a single page."""
        return self.first if self.first == self.last else f"{self.first} - {self.last}"

    @property
    def link(self):
        return PAGE_LINK + self.first


def front_sheet(content, places):
    """What the template prints of a PackContent, as a dictionary.

    `places` is {(item pk, exempt): Place, (item pk, exempt, paper pk): Place}.
    """
    withheld = sorted({paragraph for item in content.items for paragraph in item.exempt_paragraphs})
    members = "; ".join(f"{name} ({role})" if role else name for name, role in content.members)
    facts = (("Date", f"{content.moment:%A} {long_date(content.moment)}"), ("Time", time_in_words(content.moment)))
    facts += (("Venue", content.venue),) if content.venue else ()
    more = (("Contact", content.contact),) if content.contact else ()
    more += (("To be published by", long_date(content.publish_by)),) if content.publish_by else ()
    visit = f"Visit {content.councillor_information} for councillor information and e-mail alerts."
    return dict(
        title=content.title,
        language=content.language,
        council=content.council,
        committee=content.committee,
        name=f"Supplement {content.supplement}" if content.supplement else "Agenda",
        carries_on="The pages carry on from the agenda." if content.supplement else "",
        marking="" if content.is_public else MARKING,
        markings=()
        if content.is_public
        else (
            MARKING_REASON,
            *(f"paragraph {number} of {SCHEDULE}: {lowered_description(number)}" for number in withheld),
        ),
        facts=facts + ((("Members", members),) if members else ()) + more,
        notices=(ACCESS, visit) if content.councillor_information else (ACCESS,),
        urgency=urgency_note(content.urgency_reason),
        items=tuple(item_line(item, content, places) for item in content.items),
        no_items="" if content.items else NO_ITEMS,
    )


def front_sheet_pdf(content, places):
    data, warnings = printable(front_sheet(content, places))
    for item in data["items"]:
        item["title"], item["subtitle"] = (break_points(item[part], WIDEST) for part in ("title", "subtitle"))
        item["contacts"] = [break_points(contact, WIDEST) for contact in item["contacts"]]
        for paper in item["papers"]:
            paper["title"] = break_points(paper["title"], WIDEST)
    data["facts"] = [[label, break_points(text, WIDEST)] for label, text in data["facts"]]
    day = content.moment
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return compile_document("front_sheet.typ", data, int(moment.timestamp())), warnings


def time_in_words(moment):
    return f"{moment.hour % 12 or 12}.{moment:%M} {'am' if moment.hour < 12 else 'pm'}"


def exclusion(item):
    what = "the exempt part of this item" if item.has_public_pages else "this item"
    # Section 100A(5): the resolution itself describes the information in the terms of Schedule 12A.
    grounds = "; and ".join(f"paragraph {number} ({lowered_description(number)})" for number in item.exempt_paragraphs)
    return (
        "To resolve that, under section 100A(4) of the Local Government Act 1972, the press and the public be excluded "
        f"from the meeting while {what} is considered: if they stayed, exempt information would probably be made "
        f"known to them, as described in {SCHEDULE}, {grounds}; and that, all things weighed, the public interest in "
        "keeping it back is greater than the public interest in making it known."
    )


def item_line(item, content, places):
    standing = [places[key] for key in ((item.pk, False), (item.pk, True)) if key in places]
    follows = ""
    if item.to_follow:
        follows = f"More {TO_FOLLOW.lower()}" if standing else TO_FOLLOW
    notes = ()
    if item.exempt_paragraphs:
        notes = (not_open_note(item, content), exclusion(item))
    return dict(
        number=str(item.number),
        title=item.title.upper(),
        subtitle=item.subtitle,
        papers=tuple(paper_lines(item, places)),
        contacts=contact_lines(item, content),
        notes=notes,
        pages=tuple({"text": place.range, "link": place.link} for place in standing),
        follows=follows,
    )


def not_open_note(item, content):
    what = "Part of this item is" if item.has_public_pages else "This item is"
    return f"{what} not open to the public." if content.is_public else f"{MARKING}. {what} exempt."


def paper_lines(item, places):
    """The papers one by one where there are several; a single one only where there is something to say of it."""
    listed = [(paper, False) for paper in item.papers] + [(paper, True) for paper in item.exempt_papers]
    several = len(listed) + (item.report is not None) + (item.exempt_report is not None) > 1
    for report, exempt in ((item.report, False), (item.exempt_report, True)):
        if report and several:
            text = f"{report.content.kind}, with its exempt part" if exempt else report.content.kind
            yield dict(title=text, page=page_reference(places.get((item.pk, exempt, None))), mark="")
    for paper, exempt in listed:
        mark = UNTAGGED if paper.is_untagged else ""
        if several or mark:
            page = page_reference(places.get((item.pk, exempt, paper.pk))) if several else None
            yield dict(title=paper.title, page=page, mark=mark)


def contact_lines(item, content):
    papers = item.papers if content.is_public else (*item.papers, *item.exempt_papers)
    return tuple(dict.fromkeys(f"Contact officer: {paper.contact}" for paper in papers if paper.contact))


def page_reference(place):
    return {"text": f"page {place.first}", "link": place.link} if place else None


def lowered_description(paragraph):
    text = exempt_description(ExemptParagraph(paragraph))
    return text[0].lower() + text[1:]


def urgency_note(reason):
    if not reason.strip():
        return ""
    return (
        "Published later than five clear days before the meeting. The chair may take it as a matter of urgency "
        f"(Local Government Act 1972, section 100B(4)). Reason: {reason.strip()}"
    )
