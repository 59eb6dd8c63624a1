"""Looks up the packages that are locked and installed, and the scripts that browsers get, among known faults.

Python packages are asked of PyPI's advisories and, where those cannot be reached, of OSV's, by pip-audit; scripts are
asked of npm's, by the npm client, at the registry that this machine is set up for. Where nobody answers, that is said
and is not taken for a good answer: pip-audit by itself ends well when a mirror without advisories knows none of the
packages.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock", "setup/uv.lock")
# What the standard services are called, as pip-audit knows them.
SERVICES = ("pypi", "osv")
SECONDS = 30
CLEAN, FAULTS, UNKNOWN = 0, 1, 2
LOOKED_UP = (
    *((lock, ("--requirement", lock, "--disable-pip", "--no-deps")) for lock in LOCKS),
    ("what is installed", ("--local",)),
)
SUMMARY = {
    CLEAN: "Nothing is known against any of it.",
    FAULTS: "There are known faults: see above.",
    UNKNOWN: (
        "Not everything could be looked up, and nothing is said of what was not. Run it where the advisories "
        "of PyPI or OSV, and of npm, can be reached."
    ),
}

ADMIN = "django/contrib/admin/static/admin/js/vendor"
# Scripts that other packages bring: under which path, and where its first lines name the version.
BROUGHT = {
    "jquery": (f"{ADMIN}/jquery/jquery.min.js", r"jQuery v([\d.]+)"),
    "select2": (f"{ADMIN}/select2/select2.full.min.js", r"Select2 ([\d.]+)"),
    "xregexp": (
        f"{ADMIN}/xregexp/xregexp.js",
        r"XRegExp\.version ?= ?['\"]([\d.]+)",
    ),
}
OWN = {"govuk-frontend": (ROOT / "static/vendor/govuk-frontend/README.md", r"^# GOV\.UK Frontend ([\d.]+)$")}


def scripts():
    """The vendored scripts and their versions, by their names at npm. Raises LookupError where a file names none."""
    installed = Path(json.loads(_ask_python("import django, json; print(json.dumps(django.__path__[0]))"))).parent
    places = {name: (installed / path, version) for name, (path, version) in BROUGHT.items()} | OWN
    found = {}
    for name, (path, version) in places.items():
        said = re.search(version, path.read_text(encoding="utf-8"), re.MULTILINE)
        if said is None:
            raise LookupError(f"{path} does not say which version of {name} it is.")
        found[name] = said[1]
    return found


def python_faults(arguments):
    """What pip-audit finds: (lines about faults, names that no service knew, whether some service answered)."""
    for service in SERVICES:
        command = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off"]
        done = subprocess.run(  # noqa: S603
            [*command, "--vulnerability-service", service, "--timeout", str(SECONDS), *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        try:
            answers = json.loads(done.stdout)["dependencies"]
        except (ValueError, KeyError):
            continue
        known = [answer for answer in answers if "vulns" in answer]
        if known:
            faults = [
                f"{answer['name']} {answer['version']}: {fault['id']}"
                f"{' (mended in ' + ', '.join(fault['fix_versions']) + ')' if fault.get('fix_versions') else ''}"
                for answer in known
                for fault in answer["vulns"]
            ]
            return faults, [answer["name"] for answer in answers if "vulns" not in answer], True
    return [], [], False


def script_faults(versions):
    """What npm knows of the scripts: lines; None where there is no npm or it does not answer."""
    with tempfile.TemporaryDirectory() as folder:
        package = {"name": "scripts", "version": "1.0.0", "private": True, "dependencies": versions}
        (Path(folder) / "package.json").write_text(json.dumps(package), encoding="utf-8")
        _ask_npm(folder, "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund")
        printed = _ask_npm(folder, "audit", "--json")
    try:
        found = json.loads(printed)["vulnerabilities"]
    except (ValueError, KeyError, TypeError):
        return None
    return [
        f"{name} {versions.get(name, '')}: {fault.get('url') or fault.get('title', 'a fault')}"
        for name, about in found.items()
        for fault in about["via"]
        if isinstance(fault, dict)
    ]


def _ask_npm(folder, *arguments):
    try:
        return subprocess.run(  # noqa: S603
            ["npm", *arguments],  # noqa: S607
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=10 * SECONDS,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


def _ask_python(question):
    return subprocess.run(  # noqa: S603
        [sys.executable, "-c", question], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout


def main():
    """Look everything up and say what came of it; returns the exit code."""
    outcome = CLEAN
    for what, arguments in LOOKED_UP:
        faults, unknown, answered = python_faults(arguments)
        outcome = worse(outcome, faults, complete=answered and not unknown)
        if answered:
            say(what, faults, f" Not known to the service: {', '.join(unknown)}." if unknown else "")
        else:
            print(f"{what}: NOT LOOKED UP. Neither {' nor '.join(SERVICES)} answered with advisories.")
    versions = scripts()
    named = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    found = script_faults(versions)
    outcome = worse(outcome, found, complete=found is not None)
    if found is None:
        print(f"scripts ({named}): NOT LOOKED UP. npm did not answer with advisories.")
    else:
        say(f"scripts ({named})", found)
    print(SUMMARY[outcome])
    return outcome


def say(what, faults, further=""):
    """One line about what was looked up, and one for each known fault."""
    print(f"{what}: {len(faults)} known fault{'' if len(faults) == 1 else 's'}.{further}")
    for fault in faults:
        print(f"  {fault}")


def worse(outcome, faults, *, complete):
    """The outcome so far and this one together: known faults come before what is not known."""
    if faults or outcome == FAULTS:
        return FAULTS
    return outcome if complete else UNKNOWN


if __name__ == "__main__":
    sys.exit(main())
