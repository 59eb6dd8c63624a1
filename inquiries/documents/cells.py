"""What stands in each cell of the report, line by line: said once, for PDF, for Word and for the checks of both.

A cell is a tuple of blocks: Paragraph, ListBlock, Verdict, Withheld. The importer of Word files reads these
same lines back, so their order and their labels are a promise.
"""

from dataclasses import dataclass

from inquiries.choices import Decision, Rating
from inquiries.documents.blocks import ListBlock, Paragraph, Run, blocks, plain_runs, runs
from inquiries.documents.content import NO_UPDATE, long_date

GIVEN = " (number given)"  # the report had no number here, and we gave this one
TARGET_DATE = "Target date"
OFFICER_VIEW = "Lead officer's view"
EVIDENCE = "Evidence"
SHORT = 500  # characters in a cell: keeping such a row whole costs a page a few lines at most


@dataclass(frozen=True)
class Verdict:
    """The committee's rating: a sign, its words, and a colour that adds nothing to them."""

    symbol: str
    words: str
    colour: str


@dataclass(frozen=True)
class Withheld:
    """Exempt text in a restricted edition, marked from its heading to its end."""

    heading: str
    blocks: tuple


def row_cells(row):
    """The four cells of a row, in the order of `content.COLUMNS`."""
    return recommendations_cell(row.recommendations), response_cell(row), update_cell(row), assessment_cell(row)


def account_cells(entry):
    """The three cells of an account entry, in the order of `content.ACCOUNT_COLUMNS`."""
    return recommendations_cell(entry.recommendations), blocks(entry.outcome), blocks(entry.reason)


def recommendations_cell(recommendations):
    """ "1a: That ..." for each recommendation, the number in bold, so that no row stands without its number."""
    cell = []
    for recommendation in recommendations:
        wording = blocks(recommendation.text)
        colon = ": " if wording else ""
        number = Run(f"{recommendation.reference}{GIVEN if recommendation.given else ''}{colon}", bold=True)
        if wording and isinstance(wording[0], Paragraph):
            cell += [Paragraph((number, *wording[0].runs)), *wording[1:]]
        else:
            cell += [Paragraph((number,)), *wording]
    return tuple(cell)


def response_cell(row):
    """How it was decided (unless plainly accepted), the response, the target date."""
    cell = [] if row.decision == Decision.ACCEPTED else [Paragraph((Run(f"{row.decision_label}.", bold=True),))]
    cell += blocks(row.response)
    if row.target_date:
        cell.append(_line(TARGET_DATE, long_date(row.target_date)))
    return tuple(cell)


def update_cell(row):
    """The update with its contributors, then any exempt part, the lead officer's view, the evidence."""
    cell = [Paragraph((Run(NO_UPDATE),))] if row.is_missing else list(blocks(row.update))
    if row.contributors and not row.is_missing:
        names = row.contributor_line
        if cell and isinstance(cell[-1], Paragraph):
            cell[-1] = Paragraph((*cell[-1].runs, Run(f" {names}")))
        else:
            cell.append(Paragraph((Run(names),)))
    if row.exempt:
        cell.append(exempt_block(row.exempt))
    if row.officer_view:
        cell.append(_line(OFFICER_VIEW, row.officer_view))
    if row.evidence:
        cell.append(Paragraph((Run(f"{EVIDENCE}:", bold=True),)))
        cell.append(ListBlock(False, 1, tuple(_evidence(title, address) for title, address in row.evidence)))
    return tuple(cell)


def exempt_block(exempt):
    """A sentence that says what is withheld and why; in a restricted edition the marked text itself."""
    words = exempt.words.removeprefix(f"{exempt.paragraph}.").strip().rstrip(".")
    reason = f"Schedule 12A paragraph {exempt.paragraph}, {words[:1].lower()}{words[1:]}."
    if exempt.text:
        return Withheld(f"Not for publication: {reason}", blocks(exempt.text))
    return Paragraph((Run(f"Part of this update is exempt from publication: {reason}"),))


def assessment_cell(row):
    """The verdict in sign and words, or "to be assessed"; then the committee's comment."""
    if row.rating is None:
        return Paragraph((Run(row.assessment),)), *blocks(row.comment)
    rating = Rating(row.rating)
    return Verdict(rating.symbol, rating.label, rating.colour), *blocks(row.comment)


def stays_whole(cells):
    """Whether a row is short enough to be moved to the next page rather than broken."""
    return all(len(plain_text(cell)) < SHORT for cell in cells)


def plain_text(cell):
    """The words of a cell, a line for each paragraph and list item, as the checks compare them."""
    lines = []
    for block in cell:
        if isinstance(block, Paragraph):
            lines.append(plain_runs(block.runs))
        elif isinstance(block, ListBlock):
            marks = (f"{block.start + n}." if block.ordered else "•" for n in range(len(block.items)))
            lines += [f"{mark} {plain_runs(item)}" for mark, item in zip(marks, block.items, strict=True)]
        elif isinstance(block, Verdict):
            lines.append(f"{block.symbol} {block.words}")
        else:
            lines += [block.heading, plain_text(block.blocks)]
    return "\n".join(lines)


def _line(label, words):
    return Paragraph((Run(f"{label}: ", bold=True), Run(words)))


def _evidence(title, address):
    if not address.lower().startswith(("http://", "https://")):
        return tuple(runs(": ".join(part for part in (title, address) if part)))
    link = Run(address, address)
    return (Run(f"{title}: "), link) if title and title != address else (link,)
