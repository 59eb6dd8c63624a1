"""The cache sets a value with one statement, and says what Django's says."""

from django.core.cache import caches


def test_a_value_is_one_statement(db, django_assert_num_queries):
    cache = caches["default"]
    for value in ({"url": "/", "messages": [(20, "Saved – ‘é’", "")]}, "another", None):
        with django_assert_num_queries(1):
            cache.set("kept", value, 60)
        assert cache.get("kept", "nothing") == value


def test_what_has_run_out_is_gone_and_what_has_no_end_stays(db):
    cache = caches["default"]
    cache.set("over", 1, -5)
    cache.set("stays", 2, None)
    assert (cache.get("over"), cache.get("stays"), cache.add("stays", 3)) == (None, 2, False)
