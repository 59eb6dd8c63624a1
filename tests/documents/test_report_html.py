"""An officer report as HTML: its words are text, whatever they are."""

from inquiries.documents.officer_report import ReportSection
from inquiries.documents.report_html import section_html
from inquiries.documents.rich_text import Paragraph, Run


def test_text_is_escaped_once():
    runs = (Run("The council's\nplan & "), Run("<b>", bold=True), Run("its page", "https://example.org/?a=1&b=2"))
    [(_, html)] = section_html([ReportSection("Purpose", (Paragraph(runs),))], {})
    assert html == (
        '<p class="govuk-body">The council&#x27;s<br>plan &amp; <strong>&lt;b&gt;</strong>'
        '<a class="govuk-link" href="https://example.org/?a=1&amp;b=2" rel="nofollow noopener">its page</a></p>'
    )
