"""Finds a Chromium for the browser tests and, when run as a script, installs one where there is none."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

# Chromium without its windows first: it takes a fifth of the time of a whole one to open a page as somebody new.
SHELL = "chromium-headless-shell"
INSTALLED = (
    SHELL,
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "microsoft-edge-stable",
)

MISSING = (
    "The browser tests need Chromium, and none could be found or installed. Install the package "
    f"{SHELL} (on Debian as root: apt-get install {SHELL}), or name a browser in SCRUTINY_CHROMIUM."
)
NO_DRIVER = (
    "Playwright, which drives the browser in the tests, does not start: see the message above. On Debian it needs the "
    "package libatomic1 (as root: apt-get install libatomic1)."
)
DOES_NOT_START = (
    "{path} does not start: see the message above. Install what it lacks, or name another in SCRUTINY_CHROMIUM."
)

START = """
import sys
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    playwright.chromium.launch(executable_path=sys.argv[1], args=sys.argv[2:]).close()
"""


def find():
    """The path of a Chromium or one of its kin, or None: the one named, an installed one, Playwright's own."""
    named = os.environ.get("SCRUTINY_CHROMIUM", "")
    if named:
        return shutil.which(named)
    for name in INSTALLED:
        path = shutil.which(name)
        if path:
            return path
    return of_playwright()


def of_playwright():
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    shells = sorted(folder.glob("chromium_headless_shell-*/chrome-*/*headless?shell"), reverse=True)
    whole = sorted(folder.glob("chromium-*/chrome-linux*/chrome"), reverse=True)
    return str([*shells, *whole][0]) if shells or whole else None


def install():
    """Try the ways there are of getting a browser."""
    attempt([sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"])
    path = of_playwright()
    # Playwright's own comes without the system's libraries, and is then there but does not start.
    if not (path and starts(path)):
        install_packages(SHELL)
        if not shutil.which(SHELL):
            install_packages("chromium")


def install_packages(*names):
    if os.geteuid() == 0 and shutil.which("apt-get"):
        attempt(["apt-get", "update", "-qq"])
        attempt(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *names])


def attempt(command):
    print(f"Trying {' '.join(command)}", flush=True)
    # Not every way works everywhere; what counts is what is there afterwards.
    subprocess.run(command, check=False, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})  # noqa: S603


def driver_starts():
    """Whether Playwright's driver, a program of its own, finds its libraries."""
    return succeeds([sys.executable, "-m", "playwright", "--version"])


def starts(path):
    return succeeds([sys.executable, "-c", START, path, *sandbox_arguments()])


def succeeds(command):
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)  # noqa: S603
    except subprocess.TimeoutExpired:
        return False
    if done.returncode:
        print(done.stderr.strip()[-2000:], file=sys.stderr)
    return done.returncode == 0


def sandbox_arguments():
    """Chromium refuses to run as root with its sandbox; everybody else keeps it."""
    return ["--no-sandbox"] if os.geteuid() == 0 else []


def main():
    """Have a browser that starts, or end with a sentence."""
    if not driver_starts():
        install_packages("libatomic1")
        if not driver_starts():
            sys.exit(NO_DRIVER)
    if not find():
        install()
    path = find()
    if not path:
        sys.exit(MISSING)
    if not starts(path):
        sys.exit(DOES_NOT_START.format(path=path))
    print(f"Browser: {path}")


if __name__ == "__main__":
    main()
