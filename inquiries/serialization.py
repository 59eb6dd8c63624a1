"""Dataclasses as JSON data and back: dates in ISO form, tuples as lists."""

from dataclasses import asdict, is_dataclass
from datetime import date
from functools import cache
from itertools import repeat
from types import UnionType
from typing import get_args, get_origin, get_type_hints


def to_plain_data(thing):
    """A dataclass instance as data that `json.dumps` takes."""
    return plain_value(asdict(thing))


def from_plain_data(kind, data):
    """The value of this type (a dataclass, or what its fields are made of) of which `to_plain_data` made `data`.

    Raises KeyError, TypeError or ValueError where `data` is not such data.
    """
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is UnionType:  # a value or None
        return None if data is None else from_plain_data(arguments[0], data)
    if origin is list:
        return [from_plain_data(arguments[0], item) for item in data]
    if origin is tuple:
        kinds = repeat(arguments[0], len(data)) if arguments[-1] is Ellipsis else arguments
        return tuple(from_plain_data(one, item) for one, item in zip(kinds, data, strict=True))
    if kind is date:
        return date.fromisoformat(data)
    if is_dataclass(kind):
        hints = field_types(kind)
        return kind(**{name: from_plain_data(hints[name], value) for name, value in data.items()})
    return data


field_types = cache(get_type_hints)


def plain_value(value):
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: plain_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_value(item) for item in value]
    return value
