"""The processes that are started for one piece of work import what it needs and no more, so that it starts soon."""

import subprocess
import sys

import pytest

from inquiries.uploads.sandbox import PROJECT

HEAVY = {"django", "page", "typst", "pikepdf", "pypdfium2"}
NEEDED = {
    "inquiries.documents.typst_runner": set(),
    "inquiries.documents.pack_merge": {"pikepdf"},
    "inquiries.uploads.worker": {"pikepdf", "pypdfium2"},
    "inquiries.uploads.pdfua_check": {"pikepdf"},
}


@pytest.mark.parametrize("module", NEEDED)
def test_worker_imports_only_what_it_needs(module):
    asked = f"import sys, {module}; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, cwd=PROJECT, check=True)
    assert HEAVY & set(said.stdout.split()) == NEEDED[module]
