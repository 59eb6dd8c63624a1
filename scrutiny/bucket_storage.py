"""Uploaded files in S3-compatible storage, where SCRUTINY_S3_BUCKET names a bucket."""

import errno
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files import File
from storages.backends.s3 import S3Storage

# Servers other than Amazon's know no newer checksums than those that are required.
CLIENT = {
    "connect_timeout": 5,
    "read_timeout": 30,
    "retries": {"mode": "standard", "max_attempts": 3},
    "request_checksum_calculation": "when_required",
    "response_checksum_validation": "when_required",
}
IN_MEMORY = 5 * 1024 * 1024


@contextmanager
def storage_errors(name):
    """What goes wrong in the storage is an OSError, as with a folder: all who store or read a file expect that."""
    try:
        yield
    except (BotoCoreError, Boto3Error, ClientError) as error:
        raise OSError(errno.EIO, f"The storage failed ({type(error).__name__})", name) from error


class BucketStorage(S3Storage):
    def __init__(self, *, path_style, **options):
        style = {"addressing_style": "path" if path_style else "auto"}
        super().__init__(client_config=Config(**CLIENT, s3=style, signature_version="s3v4"), **options)

    def _open(self, name, mode="rb"):
        with storage_errors(name):
            file = super()._open(name, mode)
            if "r" in mode:
                # Fetched now, whole, so that an answer that has begun cannot break off.
                file.file  # noqa: B018
            return file

    def _save(self, name, content):
        # A copy: what is stored need not be able to go back to its beginning, and is closed by nobody else.
        with storage_errors(name), SpooledTemporaryFile(max_size=IN_MEMORY) as copy:
            for chunk in content.chunks():
                copy.write(chunk)
            return super()._save(name, File(copy, name=content.name))

    def delete(self, name):
        with storage_errors(name):
            super().delete(name)

    def exists(self, name):
        with storage_errors(name):
            return super().exists(name)

    def listdir(self, path):
        with storage_errors(path):
            return super().listdir(path)

    def size(self, name):
        with storage_errors(name):
            return super().size(name)

    def get_modified_time(self, name):
        with storage_errors(name):
            return super().get_modified_time(name)
