"""What may be said of an error in the log: its kind and its codes. Its text names people and quotes what they wrote."""

import errno
import re
from smtplib import SMTPRecipientsRefused, SMTPResponseException

ENHANCED_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")


def causes(error):
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def describe_fault(error):
    """The kinds of an error and of those behind it, with their codes."""
    described = []
    for cause in causes(error):
        codes = " ".join(codes_of(cause))
        described.append(f"{type(cause).__name__}{f' ({codes})' if codes else ''}")
    return ", caused by ".join(described)


def name_and_codes(error):
    """The same of the error alone, as it is kept with an e-mail: "SMTPDataError 451 4.7.1"."""
    return " ".join([type(error).__name__, *codes_of(error)])


def codes_of(error):
    """Those of the mail server, the system or the database: ["550", "5.1.1"], ["ENOSPC"], ["53100"]; or none."""
    other = errno.errorcode.get(getattr(error, "errno", None)) or sqlstate(error)
    return smtp_codes(error) or ([other] if other else [])


def smtp_codes(error):
    """The code and, where there is one, the enhanced status: ["550", "5.1.1"]. The rest may name an address."""
    code, text = None, b""
    if isinstance(error, SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()), (None, b""))
    elif isinstance(error, SMTPResponseException):
        code, text = error.smtp_code, error.smtp_error
    text = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
    found = ENHANCED_STATUS.match(text)
    return [str(code), *([found[0]] if found else [])] if code else []


def sqlstate(error):
    return getattr(error, "sqlstate", None)
