"""Checks bound packs: `python -m inquiries.documents.pdfua_check` reads the path of a file as a line
of JSON on standard input and answers with its first fault in the eyes of PDF/UA-1.

A process of its own, because a validator can't be told to hurry, and one pack can be checked while another is bound.
"""

import json
import sys

import page as validator

# Packs keep their tags in chains longer than the validator expects.
LIMITS = {"max_reference_depth": 5000, "max_decoded_stream_size": 64_000_000}


def first_fault(path):
    """The first fault of the file at `path` in words, "" where it has none."""
    try:
        found = validator.validate_pdf(path, profile="ua1", limits=validator.SafetyLimits(**LIMITS))
    except validator.PageError as error:
        return f"the check could not read it ({error})."
    return "" if found.is_compliant else found.failures[0].message


def main():
    for line in sys.stdin:
        print(json.dumps({"fault": first_fault(json.loads(line))}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
