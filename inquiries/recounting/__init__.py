"""History told to people: what changed in words, whose history somebody may read, the versions of a text."""

from inquiries.recounting.readable import KINDS, Told, entries_about, readable, readable_entry
from inquiries.recounting.versions import TEXTS, Version, versions_of
from inquiries.recounting.words import Change, all_in_words, changes_in_words

__all__ = [
    "KINDS",
    "TEXTS",
    "Change",
    "Told",
    "Version",
    "all_in_words",
    "changes_in_words",
    "entries_about",
    "readable",
    "readable_entry",
    "versions_of",
]
