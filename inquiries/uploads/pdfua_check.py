"""Whether a PDF is tagged, and whether its tags keep the rules of PDF/UA-1: one criterion for uploads and packs.

`python -m inquiries.uploads.pdfua_check` reads lines of JSON, {"path": path, "is_paper": bool}, on standard input and
answers each with {"fault": the first fault in words, "" where there is none}. It is a process of its own because a
validator can't be told to hurry, and one pack can be checked while another is bound. What packs themselves supply (a
title, a language, the claim to be accessible, which went with the metadata) counts as being there in a paper: only
faults that a reader meets are faults.
"""

import json
import sys
from io import BytesIO
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary

# Another name, where what is asked of a paper changes: papers in storage are then checked again.
CRITERION = "PDF/UA-1"
LANGUAGE = "en-GB"
# Documents of hundreds of pages, and packs, keep their tags in chains longer than the validator expects.
LIMITS = {"max_reference_depth": 5000, "max_decoded_stream_size": 64_000_000}


def has_tags(pdf):
    tree, marked = pdf.Root.get("/StructTreeRoot"), pdf.Root.get("/MarkInfo")
    if not isinstance(tree, Dictionary) or not isinstance(marked, Dictionary) or marked.get("/Marked") is not True:
        return False
    children = tree.get("/K")
    if not isinstance(children, (Dictionary, Array)) or not len(children):
        return False
    return isinstance(tree.get("/ParentTree"), Dictionary) and any("/StructParents" in each.obj for each in pdf.pages)


def first_fault(data):
    """The first fault of a PDF (bytes) in words; "" where it has none."""
    try:
        report = validator.validate_pdf_bytes(data, profile="ua1", limits=validator.SafetyLimits(**LIMITS))
    except validator.PageError as error:
        return f"the check could not read it ({error})."
    return "" if report.is_compliant else report.failures[0].message


def with_claims(path):
    """The PDF at `path`, bytes, with title, language and the claim to be accessible."""
    copy = BytesIO()
    with pikepdf.open(path) as pdf:
        with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
            metadata["dc:title"] = "Paper"
            metadata["pdfuaid:part"] = "1"
        if "/Lang" not in pdf.Root:
            pdf.Root["/Lang"] = LANGUAGE
        if not isinstance(pdf.Root.get("/ViewerPreferences"), Dictionary):
            pdf.Root["/ViewerPreferences"] = Dictionary()
        pdf.Root["/ViewerPreferences"]["/DisplayDocTitle"] = True
        pdf.save(copy, encryption=False)
    return copy.getvalue()


def main():
    for line in sys.stdin:
        job = json.loads(line)
        data = with_claims(job["path"]) if job["is_paper"] else Path(job["path"]).read_bytes()
        print(json.dumps({"fault": first_fault(data)}), flush=True)


if __name__ == "__main__":
    import page as validator  # here alone: `has_tags` has no use for it

    main()
