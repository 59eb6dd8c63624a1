"""One thing that the pre-flight says."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """Something to look at before the pack is published, and the page on which it can be mended."""

    code: str
    words: str  # a sentence or two for the clerk
    where: str  # "Item 7, recommendation 5b"
    address: str  # the path of the page where it can be mended
    quoted: str = ""  # the words found, with a little of what stands around them
    stops: bool = False  # whether the pack may not be published with it
