"""Many counts in one query."""

from inquiries.models import Committee, Person
from inquiries.models.fields import count_all


def test_counts_in_one_query(committee, inquiry, django_assert_num_queries):
    rows = {
        "committees": Committee.objects.filter(inquiries__recommendations__isnull=False),
        "nothing that matches": Person.objects.filter(name="Nobody"),
        "known to be empty": Person.objects.none(),
    }
    with django_assert_num_queries(1):
        assert count_all(rows) == {"committees": 1, "nothing that matches": 0, "known to be empty": 0}
    assert rows["committees"].count() > 1
