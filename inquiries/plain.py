"""Dataclasses as JSON data and back: dates in ISO form, tuples as lists."""

from dataclasses import asdict
from datetime import date


def as_plain(thing):
    """A dataclass instance as data that `json.dumps` takes."""
    return _plain(asdict(thing))


def as_day(value):
    """A date from its ISO form; None stays None. Raises ValueError where it is no date."""
    return date.fromisoformat(value) if value else None


def _plain(value):
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
