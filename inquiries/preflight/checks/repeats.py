"""Updates that say word for word what was said already: last time, or about another recommendation."""

import re

from django.utils.text import get_text_list

from inquiries.preflight.excerpts import shortened
from inquiries.preflight.finding import Finding

SEVERAL_WORDS = 8  # a shorter paragraph ("Already completed and in place.") may well be true of several


def check(subject):
    """Findings about updates copied from the last report, and paragraphs that stand in several rows."""
    for item, report in subject.reports():
        for row in report.rows:
            if row.row.update.strip() and _bare(row.row.update) == _bare(row.last_time):
                yield Finding(
                    "same_as_last_time",
                    "This update is word for word the one of the last report.",
                    row.place.where,
                    row.place.address,
                    quoted=shortened(row.row.update),
                )
        yield from _in_several_rows(item, report)


def _in_several_rows(item, report):
    rows_of, reads = {}, {}
    for row in report.rows:
        for paragraph in dict.fromkeys(re.split(r"\n+", row.row.update)):
            bare = _bare(paragraph)
            if len(bare.split()) >= SEVERAL_WORDS:
                rows_of.setdefault(bare, {}).setdefault(row.label, row)
                reads.setdefault(bare, paragraph.strip())
    told = set()
    for bare, rows in rows_of.items():
        numbers = get_text_list(list(rows), "and")
        if len(rows) > 1 and numbers not in told:
            told.add(numbers)
            first = next(iter(rows.values()))
            yield Finding(
                "same_in_several_rows",
                f"The updates on {numbers} say the same, word for word.",
                f"{item.place.where}, recommendations {numbers}",
                first.place.address,
                quoted=shortened(reads[bare]),
            )


def _bare(text):
    """The words alone, so that spaces and full stops make no difference."""
    return " ".join(re.findall(r"\w+", text.casefold()))
