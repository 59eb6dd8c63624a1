"""Headings without a level (/H) given one, since a file may not mix them with those that have levels.

/H is the heading of whatever holds it, so its level is how many headings stand above it in the tree.
"""

import re

from pikepdf import Array, Dictionary, Name

DEEPEST_HEADING = 6


def finder(names):
    """A pattern that finds an element with one of these roles in its text, as `unparse` gives it."""
    roles = b"|".join(re.escape(Name(name).unparse()) for name in sorted(names))
    return re.compile(rb"/S (?:" + roles + rb")[\s/>]")


def give_levels(roots, names):
    """Makes /H1 to /H6 of the elements below `roots` whose role is one of `names`."""
    seen = set()
    waiting = [iter([(root, 0) for root in roots])]
    while waiting:
        element, level = next(waiting[-1], (None, 0))
        if element is None:
            waiting.pop()
            continue
        if element.is_indirect:
            if element.objgen in seen:
                continue
            seen.add(element.objgen)
        if str(element.get("/S")) in names:
            element.S = Name(f"/H{min(level + 1, DEEPEST_HEADING)}")
        waiting.append(_below(element, level, names))


def _below(element, above, names):
    """The elements directly below one, each with the number of headings above it."""
    headed, below = above, element.get("/K")
    for one in below if isinstance(below, Array) else [below]:
        if isinstance(one, Dictionary) and "/S" in one:
            is_heading = str(one.S) in names
            yield one, above if is_heading else headed
            if is_heading:
                headed = above + 1
