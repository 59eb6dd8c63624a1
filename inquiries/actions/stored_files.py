"""Files that a deed stores: the database takes back what failed, the storage does not, so this does."""

from contextlib import contextmanager
from contextvars import ContextVar

_stored: ContextVar[list | None] = ContextVar("stored", default=None)


@contextmanager
def kept_only_if_done():
    """As a decorator outside `transaction.atomic`: files told of by `stored` are deleted where the deed fails.

    A deed within another leaves it to the outer one, which may fail later.
    """
    if _stored.get() is not None:
        yield
        return
    files: list = []
    token = _stored.set(files)
    try:
        yield
    except BaseException:
        for storage, name in files:
            storage.delete(name)
        raise
    finally:
        _stored.reset(token)


def stored(*files):
    """Tell of FieldFiles that have just been stored."""
    if (told := _stored.get()) is not None:
        told += [(file.storage, file.name) for file in files]
