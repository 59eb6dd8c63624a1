"""README and docs/: the files they name and link to are there."""

import re

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
# Docs name a file by its path, or by its path below the application.
FOLDERS = (ROOT, ROOT / "inquiries")
FILE = re.compile(r"`((?:[\w.-]+/)+[\w.-]*|[a-z_]+\.(?:py|json|css))`")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_to_files(path):
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_named_files_exist(path):
    names = set(FILE.findall(path.read_text(encoding="utf-8")))
    missing = {name for name in names if not any((folder / name).exists() for folder in FOLDERS)}
    # Alone, a name may be that of a file in any folder of the application.
    assert {name for name in missing if "/" in name or not list((ROOT / "inquiries").rglob(name))} == set()
