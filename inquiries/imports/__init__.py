"""What comes in from files: Word reports to a draft with its doubts (`reader`, `draft`), people from CSV."""


class Unreadable(Exception):
    """The file cannot be imported; the message says why, in words for the person who uploaded it."""
