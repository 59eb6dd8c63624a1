"""Finds a Chromium for the browser tests and, when run as a script, installs one where there is none."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

INSTALLED = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "microsoft-edge-stable",
)

MISSING = (
    "The browser tests need Chromium, and none could be found or installed. Install the package chromium "
    "(on Debian as root: apt-get install chromium), or name a browser in SCRUTINY_CHROMIUM."
)


def find():
    """The path of a Chromium or one of its kin, or None: the one named, an installed one, Playwright's own."""
    named = os.environ.get("SCRUTINY_CHROMIUM", "")
    if named:
        return shutil.which(named)
    for name in INSTALLED:
        path = shutil.which(name)
        if path:
            return path
    return _of_playwright()


def _of_playwright():
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    found = sorted(folder.glob("chromium-*/chrome-linux*/chrome"), reverse=True)
    return str(found[0]) if found else None


def install():
    """Try the ways there are of getting one. The path, or None when none of them works."""
    _try([sys.executable, "-m", "playwright", "install", "chromium"])
    if _of_playwright() and _starts(_of_playwright()):
        return _of_playwright()
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _try(["apt-get", "update", "-qq"])
        _try(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"])
    return find()


def _try(command):
    print(f"No Chromium yet: trying {' '.join(command)}", flush=True)
    # Not one of these ways works everywhere; what counts is whether a browser is there afterwards.
    subprocess.run(command, check=False, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})  # noqa: S603


def _starts(path):
    """Playwright's own comes without the system's libraries, and is then there but does not start."""
    command = [path, "--headless", "--dump-dom", "about:blank", *sandbox_arguments()]
    try:
        return subprocess.run(command, check=False, capture_output=True, timeout=60).returncode == 0  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False


def sandbox_arguments():
    """Chromium refuses to run as root with its sandbox; everybody else keeps it."""
    return ["--no-sandbox"] if os.geteuid() == 0 else []


if __name__ == "__main__":
    if not (find() or install()):
        sys.exit(MISSING)
    print(f"Browser: {find()}")
