"""Uploaded files: checked by their content, kept in the private storage, never served from a folder."""

import hashlib
import json

from django.core.exceptions import ValidationError

from inquiries.uploads.received import Rejected
from inquiries.uploads.receiving import check


def checksum_of(file):
    """The SHA-256 of a stored file (a FieldFile); "" where it names none, or is missing from the storage."""
    if not file:
        return ""
    try:
        with file.storage.open(file.name, "rb") as stored:
            return hashlib.file_digest(stored, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def checksum_of_data(data):
    """The SHA-256 of plain data (what JSON can hold), the same before it is stored and after it is read again."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def validate_pdf(upload):
    """Raise ValidationError unless `upload` is a PDF that opens without a password and is of bearable size."""
    try:
        check(upload)
    except Rejected as reason:
        raise ValidationError(str(reason)) from None
