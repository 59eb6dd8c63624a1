"""Who answers for a recommendation, and who wrote about it."""

import re

from django.utils.text import get_text_list

from inquiries.preflight.finding import Finding

# Where several people wrote one update, each signs a paragraph: "(Janice Moore)".
SIGNATURE = re.compile(r"\(([^()\n]{3,80})\)\s*$", re.MULTILINE)


def check(subject):
    """Findings about lead officers that are missing, and authors whom the header does not list."""
    for item, report in subject.reports():
        for row in report.rows:
            if not row.row.lead_officer:
                yield Finding(
                    "no_lead_officer",
                    "No lead officer is recorded, so nobody answers for this in the header.",
                    row.place.where,
                    row.response_address,
                )
        yield from _authors(item, report)


def _authors(item, report):
    leading = {name.casefold() for name, _ in report.content.lead_officers}
    contributors = {c.name for row in report.rows for c in row.row.contributors}
    wrote = {}
    for row in report.rows:
        signed = [match.partition(",")[0].strip() for match in SIGNATURE.findall(row.row.update)]
        names = [*(c.name for c in row.row.contributors), *(name for name in signed if name in contributors)]
        for name in dict.fromkeys(names):
            if name.casefold() not in leading:
                wrote.setdefault(name, []).append(row)
    for name, rows in wrote.items():
        numbers = get_text_list([row.label for row in rows], "and")
        several = len(rows) > 1
        yield Finding(
            "author_not_listed",
            f"{name} wrote the update{'s' if several else ''} on {numbers}, but is not among the lead officers in the "
            "header.",
            f"{item.place.where}, recommendation{'s' if several or ' and ' in numbers else ''} {numbers}",
            rows[0].place.address,
            quoted=name,
        )
