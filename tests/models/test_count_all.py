"""Many counts, or whether there are any, in one query."""

from inquiries.models import Committee, Person
from inquiries.models.fields import count_all, has_any


def test_counts_in_one_query(committee, inquiry, django_assert_num_queries):
    rows = {
        "committees": Committee.objects.filter(inquiries__recommendations__isnull=False),
        "nothing that matches": Person.objects.filter(name="Nobody"),
        "known to be empty": Person.objects.none(),
    }
    with django_assert_num_queries(1):
        assert count_all(rows) == {"committees": 1, "nothing that matches": 0, "known to be empty": 0}
    assert rows["committees"].count() > 1


def test_asks_whether_there_are_any_in_one_query(committee, inquiry, django_assert_num_queries):
    rows = {
        "committees": Committee.objects.filter(inquiries__recommendations__isnull=False).distinct(),
        "nothing that matches": Person.objects.filter(name="Nobody"),
        "known to be empty": Person.objects.none(),
        "people": Person.objects.by_name(),
    }
    with django_assert_num_queries(1):
        found = has_any(rows)
    assert found == {"committees": True, "nothing that matches": False, "known to be empty": False, "people": True}
    with django_assert_num_queries(0):
        assert has_any({"known to be empty": Person.objects.none()}) == {"known to be empty": False}
