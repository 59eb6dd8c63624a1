"""Dataclasses as JSON data and back: dates in ISO form, tuples as lists."""

from dataclasses import MISSING, asdict, fields, is_dataclass
from datetime import date
from functools import cache, partial
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
    read = reader_of(kind)
    return read(data) if read else data


@cache
def reader_of(kind):
    """The function that makes a value of this type of its data; None where the data are the value."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is UnionType:
        kinds = [one for one in arguments if one is not NoneType]
        return partial(read_one_of, kinds)
    if origin in (list, tuple) and (origin is list or arguments[-1] is Ellipsis):
        read = reader_of(arguments[0])
        return (lambda data: origin(map(read, data))) if read else origin
    if origin is tuple:
        return lambda data: tuple(from_plain_data(one, item) for one, item in zip(arguments, data, strict=True))
    if kind is date:
        return date.fromisoformat
    if is_dataclass(kind):
        return partial(read_fields, kind)
    return None


field_types = cache(get_type_hints)


@cache
def field_readers(kind):
    """Worked out when the first value is read: a block may hold blocks."""
    return {name: reader_of(hint) for name, hint in field_types(kind).items()}


def read_fields(kind, data):
    readers = field_readers(kind)
    return kind(**{name: read(item) if (read := readers[name]) else item for name, item in data.items()})


def read_one_of(kinds, data):
    if data is None:
        return None
    if len(kinds) > 1:
        kinds = [one for one in kinds if has_fields(one, data)]
    return from_plain_data(kinds[0], data)


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
