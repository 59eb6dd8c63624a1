"""Uploaded files: checked by their content, kept in the private storage, never served from a folder."""

from django.core.exceptions import ValidationError

from inquiries.uploads.received import Rejected
from inquiries.uploads.receiving import check


def validate_pdf(upload):
    """Raise ValidationError unless `upload` is a PDF that opens without a password and is of bearable size."""
    try:
        check(upload)
    except Rejected as reason:
        raise ValidationError(str(reason)) from None
