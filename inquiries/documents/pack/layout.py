"""On which pages everything stands. Numbers only: no file, no words."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """Where one part stands: its first page, how many pages it has, and how many blank ones follow it."""

    first: int
    pages: int
    blank_after: int = 0

    @property
    def last(self):
        """The last page that belongs to it: a blank one where it was filled up to a whole sheet."""
        return self.first + self.pages + self.blank_after - 1


@dataclass(frozen=True)
class Layout:
    """A whole pack: the front sheet, Part 1 behind it, and Part 2 on pages E1, E2 ..."""

    front: Span
    public: tuple[Span, ...]
    exempt: tuple[Span, ...]

    @property
    def first_page(self):
        return self.front.first

    @property
    def last_page(self):
        """The last page of Part 1, from where a supplement carries on."""
        return (self.public or (self.front,))[-1].last


def lay_out(front, public, exempt=(), *, duplex, first_page=1, first_exempt_page=1):
    """The Layout of a front sheet of `front` pages and of parts of `public` and `exempt` (page counts, in order).

    For printing on both sides every part starts on an odd page, and the blank page before the next one belongs to
    it; the numbering itself then starts at the next odd number, should the pack before have stopped on an odd one.
    Part 1 never depends on Part 2.
    """
    front_span, *rest = _spans((front, *public), first_page, duplex)
    return Layout(front_span, tuple(rest), tuple(_spans(exempt, first_exempt_page, duplex)))


def _spans(counts, start, duplex):
    if duplex and start % 2 == 0:
        start += 1
    for pages in counts:
        span = Span(start, pages, blank_after=pages % 2 if duplex else 0)
        yield span
        start = span.last + 1
