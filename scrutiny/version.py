"""Which version of Scrutiny this is."""

import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"


def application_version():
    return tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["version"]
