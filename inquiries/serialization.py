"""Dataclasses as JSON data and back: dates in ISO form, tuples as lists."""

from dataclasses import asdict
from datetime import date


def to_plain_data(thing):
    """A dataclass instance as data that `json.dumps` takes."""
    return plain_value(asdict(thing))


def date_from_iso(value):
    """A date from its ISO form; None stays None. Raises ValueError where it is no date."""
    return date.fromisoformat(value) if value else None


def plain_value(value):
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: plain_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_value(item) for item in value]
    return value
