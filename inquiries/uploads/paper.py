"""What is known of an uploaded paper once it has been checked and cleaned."""

from dataclasses import dataclass


class Rejected(Exception):
    """The file cannot be taken; the message says why, and what to do, in words for the person who sent it."""


@dataclass(frozen=True)
class PageFacts:
    """One page as it is displayed, in points: its size after rotation, and how far from each edge the first ink is."""

    width: float
    height: float
    rotation: int  # 0, 90, 180 or 270
    top: float
    bottom: float


@dataclass(frozen=True)
class ReceivedPaper:
    pdf: bytes
    checksum: str  # SHA-256 of `pdf`
    original_name: str
    pages: tuple[PageFacts, ...]
    page_texts: tuple[str, ...]  # the text of each page
    tagging: str  # a value of choices.Tagging
    title: str  # as the file itself has it, or ""
    language: str
    cleaned: tuple[str, ...]  # what was taken out or changed, in sentences
