"""The sections of an officer report as HTML, for the page on which it is read."""

from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from inquiries.documents.officer_report import NestedList, PictureBlock, SubHeading, TableBlock

BREAK = mark_safe("<br>")


def section_html(sections, picture_addresses):
    """[(heading, HTML of its blocks)], and the footnotes as a last one where there are any."""
    writer = ReportHtml(picture_addresses)
    found = [(section.heading, writer.blocks(section.blocks)) for section in sections]
    if writer.footnotes:
        lines = [(number, writer.runs(words)) for number, words in enumerate(writer.footnotes, start=1)]
        items = format_html_join("", '<li id="footnote-{}">{}</li>', lines)
        found.append(("Footnotes", format_html('<ol class="govuk-list govuk-list--number">{}</ol>', items)))
    return found


class ReportHtml:
    def __init__(self, picture_addresses):
        self.picture_addresses = picture_addresses
        self.footnotes = []

    def blocks(self, blocks):
        return format_html_join("", "{}", ((self.block(block),) for block in blocks))

    def block(self, block):
        match block:
            case SubHeading():
                return format_html('<h3 class="govuk-heading-s">{}</h3>', self.runs(block.heading))
            case NestedList():
                return self.list(block)
            case TableBlock():
                return self.table(block)
            case PictureBlock():
                return self.picture(block)
        return format_html('<p class="govuk-body">{}</p>', self.runs(block.runs))

    def list(self, block):
        lines = ((self.runs(item.runs), self.list(item.inner) if item.inner else "") for item in block.items)
        items = format_html_join("", "<li>{}{}</li>", lines)
        if block.ordered:
            return format_html('<ol class="govuk-list govuk-list--number" start="{}">{}</ol>', block.start, items)
        return format_html('<ul class="govuk-list govuk-list--bullet">{}</ul>', items)

    def table(self, block):
        caption = ""
        if block.caption:
            caption = format_html('<caption class="govuk-table__caption">{}</caption>', block.caption)
        head = format_html_join(
            "", '<th scope="col" class="govuk-table__header">{}</th>', ((self.runs(cell),) for cell in block.header)
        )
        rows = format_html_join(
            "",
            '<tr class="govuk-table__row">{}</tr>',
            (
                (format_html_join("", '<td class="govuk-table__cell">{}</td>', ((self.runs(cell),) for cell in row)),)
                for row in block.rows
            ),
        )
        # Focusable, because a wide table is moved sideways by the keyboard too.
        return format_html(
            '<div class="scrutiny-scroll" tabindex="0" role="region" aria-label="{}"><table class="govuk-table">{}'
            '<thead class="govuk-table__head"><tr class="govuk-table__row">{}</tr></thead>'
            '<tbody class="govuk-table__body">{}</tbody></table></div>',
            block.caption or "Table",
            caption,
            head,
            rows,
        )

    def picture(self, block):
        address = self.picture_addresses.get(block.name)
        if address is None:
            return format_html('<p class="govuk-body"><strong>[Picture {} is missing]</strong></p>', block.name)
        caption = format_html('<figcaption class="govuk-hint">{}</figcaption>', block.caption) if block.caption else ""
        image = format_html('<img src="{}" alt="{}" class="scrutiny-picture">', address, block.alternative)
        return format_html('<figure class="scrutiny-figure">{}{}</figure>', image, caption)

    def runs(self, runs):
        return format_html_join("", "{}", ((self.run(run),) for run in runs))

    def run(self, run):
        if run.footnote:
            self.footnotes.append(run.footnote)
            number = len(self.footnotes)
            return format_html('<sup><a class="govuk-link" href="#footnote-{}">{}</a></sup>', number, number)
        text = format_html_join(BREAK, "{}", ((line,) for line in run.text.split("\n")))
        if run.href:
            text = format_html('<a class="govuk-link" href="{}" rel="nofollow noopener">{}</a>', run.href, text)
        if run.italic:
            text = format_html("<em>{}</em>", text)
        return format_html("<strong>{}</strong>", text) if run.bold else text
