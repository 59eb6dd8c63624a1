"""Files are stored whole or not at all."""

import errno
import resource

import pytest
from django.core.files.base import ContentFile

from scrutiny.faults import is_disk_full
from scrutiny.storage import WholeFileStorage


@pytest.fixture
def storage(tmp_path):
    return WholeFileStorage(location=tmp_path, base_url=None)


def files_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_gives_a_second_file_another_name(storage, tmp_path):
    first = storage.save("papers/one.pdf", ContentFile(b"first"))
    second = storage.save("papers/one.pdf", ContentFile(b"second"))
    contents = ((tmp_path / first).read_bytes(), (tmp_path / second).read_bytes())
    assert (first, contents) == ("papers/one.pdf", (b"first", b"second"))
    assert files_in(tmp_path) == sorted([first, second])
    assert (tmp_path / first).stat().st_mode & 0o777 == 0o600


def test_name_that_was_taken_meanwhile(storage, tmp_path, monkeypatch):
    storage.save("one.pdf", ContentFile(b"first"))
    monkeypatch.setattr(storage, "is_name_available", lambda name, max_length=None: True)
    available = storage.get_available_name
    monkeypatch.setattr(storage, "get_available_name", lambda name, max_length=None: f"other-{available(name)}")
    assert storage._save("one.pdf", ContentFile(b"second")) == "other-one.pdf"
    contents = {name: (tmp_path / name).read_bytes() for name in files_in(tmp_path)}
    assert contents == {"one.pdf": b"first", "other-one.pdf": b"second"}


def test_leaves_no_part_of_a_file(storage, tmp_path):
    storage.save("papers/kept.pdf", ContentFile(b"kept"))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(OSError) as raised:
            storage.save("papers/large.pdf", ContentFile(bytes(1_000_000)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert raised.value.errno == errno.EFBIG and is_disk_full(raised.value)
    assert files_in(tmp_path) == ["papers/kept.pdf"]
