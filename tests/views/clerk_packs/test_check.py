"""What the check before publishing finds, and words that are cleared. What it looks at: tests/preflight."""

from inquiries.preflight import Finding
from tests.views.clerk_packs.asking import at, words


def test_check_puts_first_what_stops_the_publication(client, agenda, found):
    found(
        Finding("run_together", "Two words run together.", "Item 2, page 3", "/clerk/a/", "themthis"),
        Finding("unsigned", "The report is not signed off.", "Item 7", "/clerk/b/", stops=True),
    )
    page = words(client.get(at("check_pack", agenda)))
    assert page.index("What stops publication (1)") < page.index("The report is not signed off.")
    assert page.index("The report is not signed off.") < page.index("Worth a look (1)")
    assert '<blockquote class="scrutiny-findings__quoted">themthis</blockquote>' in page
    assert 'href="/clerk/a/"' in page and 'href="/clerk/b/"' in page


def test_check_that_finds_nothing_says_so(client, agenda, found):
    assert "Nothing was found." in words(client.get(at("check_pack", agenda)))
