"""What comes in from files: Word reports to a draft with its doubts (`reader`, `draft`), people from CSV."""

import tomllib
from pathlib import Path

VOCABULARY = tomllib.loads(Path(__file__).with_name("vocabulary.toml").read_text(encoding="utf-8"))


class Unreadable(Exception):
    """The file cannot be imported; the message says why, in words for the person who uploaded it."""
