"""The recommendations of an inquiry, read out of text that somebody pasted, or out of a Word or Excel file."""

from dataclasses import dataclass, field


@dataclass
class FoundRecommendation:
    """`reference_given` says that the text had no number here and was given this one. `doubts` are sentences."""

    reference: str
    text: str
    reference_given: bool = False
    doubts: list[str] = field(default_factory=list)


@dataclass
class FoundRecommendations:
    """`doubts` concern the whole; `left_out` are the lines that were read as part of no recommendation.

    `has_parts` says that there are lettered parts, which can be read either way (see `read_recommendations`).
    """

    recommendations: list[FoundRecommendation] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    has_parts: bool = False


def read_recommendations(text, *, separate_parts=True):
    """The FoundRecommendations in a text.

    "1. That Cabinet: a) ... b) ..." is read as 1a and 1b, each with the words before them; with `separate_parts=False`
    as recommendation 1 with a list in it.
    """
    return FoundRecommendations(left_out=text.splitlines())


def read_recommendation_file(data, filename, *, separate_parts=True):
    """The FoundRecommendations in the bytes of a Word document, an Excel workbook or a CSV file. Raises Unreadable."""
    return FoundRecommendations()
