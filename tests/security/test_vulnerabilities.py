"""`make audit`: known faults are told, and silence is not taken for a good answer. Nothing is asked of the network."""

import json
import re
import subprocess

import pytest
from django.conf import settings

from setup import known_faults

ROOT = settings.BASE_DIR
SOUND = {"vulnerabilities": {}}
FAULTY = {"vulnerabilities": {"jquery": {"via": [{"url": "https://example.org/advisory"}, "sizzle"]}}}
# What the client says where the registry has no advisories.
REFUSED = {"message": "405 Method Not Allowed"}
GOOD = {"name": "django", "version": "5.2", "vulns": []}
BAD = {"name": "gunicorn", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
STRANGE = {"name": "typst", "skip_reason": "Dependency not found on PyPI and could not be audited"}


@pytest.fixture
def services(monkeypatch):
    """A function that sets what the services answer: Python packages (None: nobody answers), then scripts."""

    def answer(packages, scripts):
        def run(command, **how):
            if command[0] == "npm":
                if scripts is None:
                    raise FileNotFoundError("npm")
                return subprocess.CompletedProcess(command, 0, json.dumps(scripts), "")
            printed = "" if packages is None else json.dumps({"dependencies": packages, "fixes": []})
            return subprocess.CompletedProcess(command, 0, printed, "")

        found = known_faults.scripts()
        monkeypatch.setattr(known_faults, "scripts", lambda: found)
        monkeypatch.setattr(subprocess, "run", run)

    return answer


@pytest.mark.parametrize(
    ("packages", "scripts", "outcome"),
    [
        ([GOOD], SOUND, 0),
        ([GOOD, BAD], SOUND, 1),
        ([GOOD], FAULTY, 1),
        ([GOOD, STRANGE], SOUND, 2),
        # A mirror without advisories knows no package at all, and pip-audit ends well.
        ([STRANGE], SOUND, 2),
        (None, SOUND, 2),
        ([GOOD], None, 2),
        ([GOOD], REFUSED, 2),
        ([BAD, STRANGE], None, 1),
    ],
    ids=[
        "clean",
        "fault",
        "script",
        "one unknown",
        "mirror",
        "no network",
        "no npm",
        "no advisories of npm",
        "fault and unknown",
    ],
)
def test_known_vulnerabilities(services, packages, scripts, outcome, capsys):
    services(packages, scripts)
    assert known_faults.main() == outcome
    assert capsys.readouterr().out.splitlines()[-1] == known_faults.SUMMARY[outcome]


def test_describes_vulnerabilities(services, capsys):
    services([GOOD, BAD, STRANGE], None)
    known_faults.main()
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [
        "requirements.lock: 1 known fault. Not known to the service: typst.",
        "  gunicorn 1.0: PYSEC-1 (mended in 1.1)",
    ]
    assert lines[-2].endswith("NOT LOOKED UP. npm did not answer with advisories.")


def test_looks_up_all_versions():
    assert [what for what, _ in known_faults.LOOKED_UP] == [
        "requirements.lock",
        "requirements-dev.lock",
        "setup/uv.lock",
        "what is installed",
    ]


def test_scripts_name_their_version():
    found = known_faults.scripts()
    assert sorted(found) == ["govuk-frontend", "jquery", "select2", "xregexp"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in found.values()), found


def test_knows_every_vendored_script():
    vendored = {file.parent.name for file in (ROOT / "static" / "vendor").rglob("*.js")}
    assert vendored == set(known_faults.OWN)
