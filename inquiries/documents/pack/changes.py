"""How one edition of an agenda pack differs from the one before, in sentences for those who have read that one."""

from inquiries.documents.content import long_date


def changes_between(old, new):
    """What changed from the `PackContent` `old` to `new`, as a list of sentences; empty where no word did."""
    said = _of_meeting(old, new)
    before, after = ({item.pk: item for item in content.items} for content in (old, new))
    for pk, item in after.items():
        if pk not in before:
            said.append(f"Item {item.number} was added: {item.title}.")
        else:
            said += _of_item(before[pk], item)
    said += [f"Item {item.number} was taken off: {item.title}." for pk, item in before.items() if pk not in after]
    return said


def _of_meeting(old, new):
    said = []
    if old.start != new.start:
        said.append(f"The meeting is now on {long_date(new.moment)} at {new.moment:%H:%M}.")
    if old.venue != new.venue:
        said.append(f"The meeting now takes place here: {new.venue}." if new.venue else "The venue was taken out.")
    if old.members != new.members:
        said.append("The list of members was changed.")
    if old.urgency_reason != new.urgency_reason:
        said.append("The reason why this was published late was changed.")
    return said


def _of_item(old, new):
    said = []
    if old.number != new.number:
        said.append(f"Item {old.number} became item {new.number}: {new.title}.")
    if (old.title, old.subtitle) != (new.title, new.subtitle):
        said.append(f"The title of item {new.number} was changed: {new.title}.")
    if old.to_follow and not new.to_follow:
        said.append(f"What was to follow under item {new.number} has come.")
    if new.to_follow and not old.to_follow:
        said.append(f"Papers of item {new.number} are now to follow.")
    if old.exempt_paragraphs != new.exempt_paragraphs:
        said.append(f"What is withheld of item {new.number} was changed.")
    return said + _of_papers(old, new) + _of_report(old.report, new.report, new.number)


def _of_papers(old, new):
    before, after = ({paper.pk: paper for paper in item.papers} for item in (old, new))
    gone = [paper.title for pk, paper in before.items() if pk not in after]
    said = []
    for pk, paper in after.items():
        if pk in before:
            if paper.title != before[pk].title:
                said.append(f"A paper of item {new.number} has another title: “{paper.title}”.")
        elif paper.title in gone:
            gone.remove(paper.title)
            said.append(f"The paper “{paper.title}” of item {new.number} was replaced.")
        else:
            said.append(f"The paper “{paper.title}” was added to item {new.number}.")
    return said + [f"The paper “{title}” was taken off item {new.number}." for title in gone]


def _of_report(old, new, number):
    if old is None or new is None:
        if (old is None) == (new is None):
            return []
        return [f"The progress report of item {number} was {'added' if old is None else 'taken off'}."]
    if old.content == new.content:
        return []
    before, after = ({row.references: row for row in report.content.rows} for report in (old, new))
    said = [
        f"The progress report of item {number}, on {_listed(references)}: {_of_row(before.get(references), row)}."
        for references, row in after.items()
        if before.get(references) != row
    ]
    said += [
        f"The progress report of item {number} no longer has {_listed(references)}."
        for references in before
        if references not in after
    ]
    return said or [f"The progress report of item {number} was changed."]


def _of_row(old, new):
    if old is None:
        return "it was added"
    if old.update != new.update or old.exempt != new.exempt:
        return "the progress update was changed"
    return "it was changed"


def _listed(references):
    """ "1a", "1a and 1b", "1a, 1b and 2"."""
    *most, last = references
    return f"{', '.join(most)} and {last}" if most else last
