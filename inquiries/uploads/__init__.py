"""Uploaded papers: what is taken, refused and cleaned. See docs/uploads.md."""

from inquiries.uploads.received import PageFacts, ReceivedPaper, Rejected
from inquiries.uploads.receiving import check, receive

__all__ = ["PageFacts", "ReceivedPaper", "Rejected", "check", "receive"]
