"""Uploaded files: checked by their content, kept in the private storage, never served from a folder."""

from io import BytesIO

import pikepdf
from django.core.exceptions import ValidationError

LARGEST_UPLOAD = 50 * 1024 * 1024


def validate_pdf(upload):
    """Raise ValidationError unless `upload` is a PDF that opens without a password and is of bearable size."""
    if upload.size > LARGEST_UPLOAD:
        raise ValidationError(f"The file is larger than {LARGEST_UPLOAD // 1024 // 1024} MB.")
    upload.seek(0)
    data = upload.read()
    upload.seek(0)
    if not data.startswith(b"%PDF-"):
        raise ValidationError("This file is not a PDF. Save it as PDF and upload it again.")
    try:
        with pikepdf.open(BytesIO(data)) as pdf:
            if not len(pdf.pages):
                raise ValidationError("This PDF has no pages.")
    except pikepdf.PasswordError:
        raise ValidationError("This PDF asks for a password. Save it without one and upload it again.") from None
    except pikepdf.PdfError:
        raise ValidationError("This PDF is damaged and cannot be opened. Save it again and upload it.") from None
