"""Files that an action stores: the database rolls back what failed, the storage does not, so this does."""

from contextlib import contextmanager
from contextvars import ContextVar

_stored: ContextVar[list | None] = ContextVar("stored", default=None)


@contextmanager
def delete_files_on_rollback():
    """As a decorator outside `transaction.atomic`: files given to `note_stored_files` are deleted if the action fails.

    An action within another leaves it to the outer one, which may fail later.
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


def note_stored_files(*files):
    """Remember FieldFiles that have just been stored."""
    if (noted := _stored.get()) is not None:
        noted += [(file.storage, file.name) for file in files]
