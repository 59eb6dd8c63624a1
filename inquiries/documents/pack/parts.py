"""What the merger is given and what it answers: files with their places, in the order in which they are bound."""

from dataclasses import dataclass, field

from inquiries.uploads.paper import PageFacts

# A link of the front sheet to a page of the pack, until the merger knows the page: this and its label.
PAGE_LINK = "https://pack.invalid/page/"


@dataclass(frozen=True)
class Part:
    """One PDF file in the pack: the front sheet, a progress report, an uploaded paper."""

    path: str
    title: str  # of its bookmark and of its part in the tags
    language: str
    pages: tuple[PageFacts, ...]
    first_page: int  # the number printed on its first page
    series: str = ""  # "E" in Part 2: pages E1, E2 ...
    tagged: bool = True
    stamp: str = ""  # on the first page: "Agenda Item 7"
    item: str = ""  # the bookmark it stands under: "7. PROGRESS UPDATE"; "" stands by itself
    numbered: bool = True  # whether its page numbers are printed (the front sheet prints none)
    blank_after: int = 0  # blank pages behind it; they count


@dataclass(frozen=True)
class Merged:
    """A merged pack."""

    page_count: int
    warnings: tuple[str, ...] = ()  # in sentences, for the clerk
    dead_links: int = 0
    facts: dict = field(default_factory=dict)
