"""The checks of the pre-flight: pure functions from a Subject to findings, one file for each question."""

from inquiries.preflight.checks import (
    law,
    leftovers,
    numbering,
    page_numbers,
    papers,
    passed_dates,
    people,
    repeats,
    spacing,
    titles,
)

CHECKS = (
    law.check,
    people.check,
    titles.check,
    passed_dates.check,
    repeats.check,
    numbering.check,
    leftovers.check,
    spacing.check,
    papers.check,
    page_numbers.check,
)


def findings(subject):
    """What there is to say about the pack, as Findings: what stops it first, then in the order of the checks.

    `subject` is a Subject, from `gather`. A clean pack gives an empty list.
    """
    found = [finding for check in CHECKS for finding in check(subject)]
    return sorted(found, key=lambda finding: not finding.stops)
