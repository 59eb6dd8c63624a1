"""Whether a PDF can be read aloud: asked in a process of its own, because a validator can't be told to hurry.

    python -m inquiries.uploads.tagging FILE

answers with a value of `choices.Tagging`. What packs themselves supply (a title, a language, the claim to be
accessible, which went with the metadata) counts as being there: only faults that a reader meets are faults.
"""

import sys
from io import BytesIO

import page as validator
import pikepdf
from pikepdf import Array, Dictionary

from inquiries.choices import Tagging

LANGUAGE = "en-GB"
# Documents of hundreds of pages keep their tags in chains longer than the validator expects.
LIMITS = {"max_reference_depth": 5000, "max_decoded_stream_size": 64_000_000}


def has_tags(pdf):
    """Whether an open pikepdf.Pdf has tags that lead to the content of some page."""
    tree, marked = pdf.Root.get("/StructTreeRoot"), pdf.Root.get("/MarkInfo")
    if not isinstance(tree, Dictionary) or not isinstance(marked, Dictionary) or marked.get("/Marked") is not True:
        return False
    children = tree.get("/K")
    if not isinstance(children, (Dictionary, Array)) or not len(children) or "/ParentTree" not in tree:
        return False
    return any("/StructParents" in each.obj for each in pdf.pages)


def tagging_of(path):
    """How the file at `path` serves somebody who has it read aloud."""
    with pikepdf.open(path) as pdf:
        if not has_tags(pdf):
            return Tagging.UNTAGGED
        supply_what_packs_supply(pdf)
        copy = BytesIO()
        pdf.save(copy, encryption=False)
    try:
        report = validator.validate_pdf_bytes(copy.getvalue(), profile="ua1", limits=validator.SafetyLimits(**LIMITS))
    except validator.PageError:
        return Tagging.FAULTY
    return Tagging.VALID if report.is_compliant else Tagging.FAULTY


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
    print(tagging_of(sys.argv[1]).value)
