"""Dataclasses as JSON data and back: dates in ISO form, tuples as lists."""

from dataclasses import MISSING, asdict, fields, is_dataclass
from datetime import date
from functools import cache
from itertools import repeat
from types import NoneType, UnionType
from typing import get_args, get_origin, get_type_hints


def to_plain_data(thing):
    """A dataclass instance as data that `json.dumps` takes."""
    return plain_value(asdict(thing))


def from_plain_data(kind, data):
    """The value of this type (a dataclass, or what its fields are made of) of which `to_plain_data` made `data`.

    Of several dataclasses it is the first that has these fields. Raises LookupError, TypeError or ValueError where
    `data` is not such data.
    """
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is UnionType:
        if data is None:
            return None
        kinds = [one for one in arguments if one is not NoneType]
        if len(kinds) > 1:
            kinds = [one for one in kinds if has_fields(one, data)]
        return from_plain_data(kinds[0], data)
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


def has_fields(kind, data):
    needed = {field.name for field in fields(kind) if field.default is field.default_factory is MISSING}
    return needed <= data.keys() <= {field.name for field in fields(kind)}


def plain_value(value):
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: plain_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_value(item) for item in value]
    return value
