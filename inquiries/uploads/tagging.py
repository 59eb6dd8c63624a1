"""Whether a PDF can be read aloud: asked in a process of its own, because a validator can't be told to hurry.

    python -m inquiries.uploads.tagging FILE

answers "valid" or "faulty", for a file that has tags. What packs themselves supply (a title, a language, the claim to
be accessible, which went with the metadata) counts as being there: only faults that a reader meets are faults.
"""

import sys
from io import BytesIO

import page as validator
import pikepdf
from pikepdf import Dictionary

LANGUAGE = "en-GB"
# Documents of hundreds of pages keep their tags in chains longer than the validator expects.
LIMITS = {"max_reference_depth": 5000, "max_decoded_stream_size": 64_000_000}


def is_valid(path):
    """Whether the tagged file at `path` keeps the rules for reading it aloud."""
    with pikepdf.open(path) as pdf:
        supply_what_packs_supply(pdf)
        copy = BytesIO()
        pdf.save(copy, encryption=False)
    try:
        report = validator.validate_pdf_bytes(copy.getvalue(), profile="ua1", limits=validator.SafetyLimits(**LIMITS))
    except validator.PageError:
        return False
    return report.is_compliant


def supply_what_packs_supply(pdf):
    """Give a pikepdf.Pdf title, language and the claim to be accessible."""
    with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
        metadata["dc:title"] = "Paper"
        metadata["pdfuaid:part"] = "1"
    if "/Lang" not in pdf.Root:
        pdf.Root["/Lang"] = LANGUAGE
    if not isinstance(pdf.Root.get("/ViewerPreferences"), Dictionary):
        pdf.Root["/ViewerPreferences"] = Dictionary()
    pdf.Root["/ViewerPreferences"]["/DisplayDocTitle"] = True


if __name__ == "__main__":
    print("valid" if is_valid(sys.argv[1]) else "faulty")
