"""Published words as data: CSV for a spreadsheet, JSON for a program.

The forms are described in docs/progress-report.schema.json and docs/agenda-pack.schema.json.
"""

import csv
import json
import unicodedata
from io import StringIO

from inquiries.choices import Rating
from inquiries.documents.content import exempt_block, plain_text
from inquiries.documents.docx import progress_report_docx
from inquiries.documents.pack_content import exempt_description, pack_from_json
from inquiries.documents.pdf import progress_report_pdf
from inquiries.documents.safe_text import without_controls

SCHEMA_VERSION = "1.0"
CSV_COLUMNS = (
    "Committee",
    "Inquiry",
    "Months on",
    "Date of this update",
    "Numbers",
    "Recommendations",
    "Decision",
    "Response",
    "Target date",
    "Lead officer",
    "Progress update",
    "Contributors",
    "Exempt part",
    "Lead officer's view",
    "Expected to be done by",
    "Evidence",
    "Rating",
    "Assessment",
    "Comment",
    "Corrections",
    "Actions asked for at the meeting",
    "Actions asked for before",
)
FORMULA_SIGNS = ("=", "+", "-", "@")


def progress_report_csv(content):
    """The responses of a `ReportContent`, one line each below a line of titles, then what was closed at the meeting
    (numbers of the table once more), and the other recommendations.

    UTF-8 with a byte order mark and CRLF, which Excel needs to read accents. Every cell is quoted, so that no program
    that takes a semicolon or a tab for the end of a cell finds a formula behind it. A cell that a spreadsheet would
    take for a formula gets an apostrophe in front, as OWASP advises: one that begins with =, +, -, @, a tab or a
    carriage return, also in full width or behind spaces. So "- a list" reads "'- a list": text, never a formula.
    """
    rows = [csv_cells(content, row) for row in content.rows]
    others = (entry for entry in content.account if any(r.text for r in entry.recommendations))
    rows += [csv_cells_of_account(content, entry) for entry in (*content.closed, *others)]
    return b"".join(csv_lines(CSV_COLUMNS, rows))


def csv_lines(headings, rows):
    """The lines of a CSV file, as bytes, one by one. Cells are texts, numbers, dates (in ISO form) or None."""
    file = StringIO(newline="")
    lines = csv.writer(file, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    lines.writerow(headings)
    yield file.getvalue().encode("utf-8-sig")
    for row in rows:
        file.seek(0)
        file.truncate()
        lines.writerow(["" if cell is None else harmless(str(cell)) for cell in row])
        yield file.getvalue().encode()


def harmless(cell):
    text = without_controls(cell)
    start = unicodedata.normalize("NFKC", text.lstrip())[:1]
    return f"'{text}" if start in FORMULA_SIGNS or cell[:1] in ("\t", "\r") else text


def iso_update_date(content):
    """ "2026-03-10", or "2026-03" where only the month is known."""
    text = iso_or_empty(content.update_date)
    return text[:7] if content.update_precision == "month" else text


def csv_cells(content, row):
    return (
        content.committee,
        content.inquiry,
        str(content.months_on),
        iso_update_date(content),
        ", ".join(row.references),
        "\n".join(f"{r.reference}: {r.text}" for r in row.recommendations),
        row.decision_label,
        row.response,
        iso_or_empty(row.target_date),
        row.lead_officer,
        row.update,
        "; ".join(str(contributor) for contributor in row.contributors),
        plain_text((exempt_block(row.exempt),)) if row.exempt else "",
        row.officer_view,
        iso_or_empty(row.forecast_date),
        "\n".join(": ".join(part for part in piece if part) for piece in row.evidence),
        "" if row.rating is None else str(row.rating),
        row.assessment,
        row.comment,
        "\n".join(f"{one.label}: {one.reason}" for one in row.corrections),
        "\n".join(action.wanted for action in row.actions),
        "\n".join(str(action) for action in row.earlier_actions),
    )


def csv_cells_of_account(content, entry):
    """A recommendation that was closed, or is not in the table: its outcome is given as the decision, the reason as the
    response."""
    recommendations = "\n".join(f"{r.reference}: {r.text}".rstrip(": ") for r in entry.recommendations)
    cells = (
        content.committee,
        content.inquiry,
        str(content.months_on),
        iso_update_date(content),
        ", ".join(r.reference for r in entry.recommendations),
        recommendations,
        entry.outcome,
        entry.reason,
    )
    return cells + ("",) * (len(CSV_COLUMNS) - len(cells))


def progress_report_json(content):
    """A `ReportContent` as JSON, in UTF-8 bytes, of the form that docs/progress-report.schema.json describes."""
    return to_json_bytes(report_data(content))


def agenda_pack_json(pack):
    """The kept words of an `AgendaPack` as JSON, in UTF-8 bytes, as docs/agenda-pack.schema.json describes them.

    Wants its entries, and its papers with their documents, fetched. Of a public edition nothing but the paragraphs
    of Schedule 12A is said about what is withheld.
    """
    content = pack_from_json(pack.content)
    return to_json_bytes(
        {
            "schema_version": SCHEMA_VERSION,
            "title": content.title,
            "language": content.language,
            "council": content.council,
            "committee": content.committee,
            "start": content.start,
            "venue": content.venue,
            "members": [{"name": name, "role": role or None} for name, role in content.members],
            "edition": content.edition,
            "supplement": content.supplement,
            "edition_number": pack.number,
            "published_at": pack.published_at.isoformat() if pack.published_at else None,
            "checksum": pack.checksum,
            "accessible": pack.is_accessible,
            "first_page": pack.first_page,
            "last_page": pack.last_page,
            "urgency_reason": content.urgency_reason or None,
            "items": pack_items_data(pack, content),
        }
    )


def pack_items_data(pack, content):
    ranges = {(entry.item_id, entry.exempt): entry for entry in pack.entries.all()}
    bound = {paper.document_id: paper for paper in pack.papers.all()}
    return [
        {
            "number": item.number,
            "title": item.title,
            "subtitle": item.subtitle,
            "to_follow": item.to_follow,
            "exempt_paragraphs": [{"paragraph": n, "words": exempt_description(n)} for n in item.exempt_paragraphs],
            **printed_papers_data(ranges.get((item.pk, False)), item.report, item.papers, bound),
            "exempt": None
            if content.is_public or not item.has_exempt_pages
            else printed_papers_data(ranges.get((item.pk, True)), item.exempt_report, item.exempt_papers, bound),
        }
        for item in content.items
    ]


def printed_papers_data(entry, report, papers, bound):
    return {
        "first_page": entry.first_page if entry else None,
        "last_page": entry.last_page if entry else None,
        "report": report_data(report.content) if report else None,
        "papers": [
            {
                "title": paper.title,
                "checksum": paper.checksum,
                "page_count": paper.page_count,
                "first_page": bound[paper.pk].first_page if paper.pk in bound else None,
                "tagging": paper.tagging,
                "words": page_texts(entry, bound.get(paper.pk)),
            }
            for paper in papers
        ],
    }


def page_texts(entry, paper):
    """The text of each page of a bound paper; none of one that was marked exempt after the public read it."""
    if paper is None or (paper.document.exempt_paragraph is not None and not (entry and entry.exempt)):
        return []
    return paper.document.page_texts


def to_json_bytes(data):
    return f"{json.dumps(data, ensure_ascii=False, indent=2)}\n".encode()


def report_data(content):
    return {
        "schema_version": SCHEMA_VERSION,
        "title": content.title,
        "language": content.language,
        "committee": content.committee,
        "inquiry": content.inquiry,
        "kind": content.kind,
        "months_on": content.months_on,
        "completion": content.completion,
        "update_date": iso_update_date(content) or None,
        "draft": content.draft,
        "after_meeting": content.after_meeting,
        "lead_officers": [{"name": name, "numbers": list(numbers)} for name, numbers in content.lead_officers],
        "cabinet_members": list(content.cabinet_members),
        "responses": [response_data(row) for row in content.rows],
        "closed_at_meeting": [account_data(entry) for entry in content.closed],
        "not_in_table": [account_data(entry) for entry in content.account],
    }


def account_data(entry):
    recommendations = recommendations_data(entry.recommendations)
    return {"recommendations": recommendations, "outcome": entry.outcome, "reason": entry.reason}


def response_data(row):
    return {
        "recommendations": recommendations_data(row.recommendations),
        "decision": row.decision,
        "decision_label": row.decision_label,
        "response": row.response,
        "target_date": iso_or_empty(row.target_date) or None,
        "lead_officer": row.lead_officer,
        "update": row.update,
        "contributors": [{"name": c.name, "job_title": c.job_title} for c in row.contributors],
        "exempt": exempt_data(row.exempt),
        "officer_view": row.officer_view,
        "forecast_date": iso_or_empty(row.forecast_date) or None,
        "evidence": [{"title": title, "address": address} for title, address in row.evidence],
        "assessment": assessment_data(row),
        "actions": [action_data(action) for action in row.actions],
        "earlier_actions": [action_data(action) for action in row.earlier_actions],
    }


def action_data(action):
    return {
        "text": action.text,
        "owner": action.owner,
        "due_on": action.due_on.isoformat(),
        "asked_on": action.asked_on.isoformat(),
        "done_on": iso_or_empty(action.done_on) or None,
        "done_note": action.done_note,
    }


def recommendations_data(recommendations):
    return [{"reference": r.reference, "text": r.text, "number_given": r.given} for r in recommendations]


def exempt_data(exempt):
    if exempt is None:
        return None
    withheld = {"paragraph": exempt.paragraph, "words": exempt.description}
    return withheld | ({"text": exempt.text} if exempt.text else {})


def assessment_data(row):
    rating = None if row.rating is None else Rating(row.rating)
    return {
        "rating": rating and rating.value,
        "label": rating.label if rating else row.assessment,
        "guidance": rating and rating.guidance,
        "comment": row.comment,
        "corrections": [{"corrected_on": one.day.isoformat(), "reason": one.reason} for one in row.corrections],
    }


def iso_or_empty(day):
    return day.isoformat() if day else ""


# How a report is had, by the ending of the file's name: each takes a ReportContent and gives bytes.
RENDERERS = {
    "pdf": progress_report_pdf,
    "docx": progress_report_docx,
    "csv": progress_report_csv,
    "json": progress_report_json,
}
