"""docs/security.md names tests, files and settings as evidence: each must be there, and every chapter answered."""

import re

import pytest
from django.conf import settings

from setup import known_faults
from tests.test_settings import variables_explained

ROOT = settings.BASE_DIR
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`((?:tests|docs|setup|scrutiny|inquiries|static)/[^` ]+)`", PAGE)))
# The chapters of OWASP ASVS 5.0.0.
CHAPTERS = (
    "Encoding and Sanitization",
    "Validation and Business Logic",
    "Web Frontend Security",
    "API and Web Service",
    "File Handling",
    "Authentication",
    "Session Management",
    "Authorization",
    "Self-contained Tokens",
    "OAuth and OIDC",
    "Cryptography",
    "Secure Communication",
    "Configuration",
    "Data Protection",
    "Secure Coding and Architecture",
    "Security Logging and Error Handling",
    "WebRTC",
)


def test_answers_every_chapter():
    assert re.findall(r"^### V(\d+) (.+)$", PAGE, re.MULTILINE) == [
        (str(number), name) for number, name in enumerate(CHAPTERS, start=1)
    ]


@pytest.mark.parametrize("name", NAMED)
def test_named_files_exist(name):
    assert (ROOT / name).is_file()


def test_explains_named_settings():
    named = set(re.findall(r"`((?:SCRUTINY|DATABASE)_[A-Z_]+)", PAGE))
    assert named - variables_explained() == set()


def test_answers_are_known():
    rows = re.findall(r"^\| V\d+[^|]*\| ([^|]*) \|", PAGE, re.MULTILINE)
    assert len(rows) > 50
    assert set(rows) <= {"met", "partly", "not met", "n/a"}


def test_script_versions_are_current():
    found = known_faults.scripts()
    assert f"| GOV.UK Frontend | {found['govuk-frontend']} |" in PAGE
    assert f"| jQuery, select2, XRegExp | {found['jquery']}, {found['select2']}, {found['xregexp']} |" in PAGE
