"""The search for withheld words in what is about to be published."""

from inquiries.documents.pack.withheld.docx_places import places_of_docx
from inquiries.documents.pack.withheld.pdf_places import places_of_pdf
from inquiries.documents.pack.withheld.search import Found, Withheld, find, places_of_data, withheld_of

__all__ = [
    "Found",
    "Withheld",
    "find",
    "places_of_data",
    "places_of_docx",
    "places_of_pdf",
    "withheld_of",
]
