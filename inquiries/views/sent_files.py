"""Files as answers: under which name, of which kind, and how long a browser may keep them."""

from django.http import FileResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag

CONTENT_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "ics": "text/calendar; charset=utf-8",
}


def dressed(response, name, format, *, private=False):
    """The response as a file called `name`. A private one is one person's: no cache may keep it."""
    shown = "inline" if format == "pdf" else "attachment"
    response["Content-Type"] = CONTENT_TYPES[format]
    response["Content-Disposition"] = f'{shown}; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    # What is published may be kept, but is asked for again: a new edition may be out.
    response["Cache-Control"] = "private, no-store" if private else "no-cache"
    return response


def conditional(request, checksum, make, name, format):
    """The file that `make` gives, or "not modified" for a browser that has the one with this checksum."""
    etag = quote_etag(checksum)
    unchanged = get_conditional_response(request, etag=etag)
    response = unchanged or dressed(make(), name, format)
    response["ETag"] = etag
    return response


def kept_file(request, thing, file, checksum, name, format, *, private=False):
    """A file from the storage, as it was kept; a page that says so where it is missing."""
    try:
        if private:
            return dressed(FileResponse(file.open("rb")), name, format, private=True)
        return conditional(request, checksum, lambda: FileResponse(file.open("rb")), name, format)
    except FileNotFoundError:
        return no_file(request, thing, "The file is not where it was kept.")


def no_file(request, thing, reason):
    """The page that says why there is no file, with a link to the page of `thing`."""
    return render(request, "public/no_file.html", {"reason": reason, "thing": thing}, status=503)
