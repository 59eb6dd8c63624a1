"""Pages and writes in a council of so many recommendations: `python -m bench.web SIZE`.

Prints {"work": seconds, "bare": {...}, "writes": {...}, "pages": {...}} as JSON: for each request its median and
fastest milliseconds, its queries (without BEGIN and COMMIT) and, of pages, kB. The requests go through the
application's own WSGI handler with all its middleware, in turn.
"""

import json
import statistics
import sys
import time

from bench.database import SERVER, use_database

ROUNDS = 5  # after one that is not counted
SLOW = 1  # a request that takes longer than so many seconds is sent twice more, not in every round


def summary(times, **more):
    return {"ms": statistics.median(times) * 1000, "fastest": min(times) * 1000, **more}


def measure_pages(rows, browser_of, count_queries):
    """{name: {"ms", "fastest", "queries", "kB"}} of (name, who, path, is_file); each round takes them in turn.

    What does not answer 200 is {"status", "place"} alone.
    """
    times, found = {name: [] for name, *_ in rows}, {}
    for number in range(ROUNDS + 1):
        for name, who, path, is_file in rows:
            if "status" in found.get(name, ()) or (number > 2 and min(times[name]) > SLOW):
                continue
            browser = browser_of(who)  # whose signing in is no query of the page
            (status, headers, body, seconds), queries = count_queries(
                lambda browser=browser, path=path: browser.request(path), number == 0
            )
            if status != 200:
                found[name] = {"status": status, "place": f"{path} {headers.get('Location', '')}".strip()}
            elif number == 0:
                found[name] = {"queries": queries, "kB": len(body) / 1000, "file": is_file}
            else:
                times[name].append(seconds)
    return {name: summary(times[name], **found[name]) if times[name] else found[name] for name, *_ in rows}


def measure_writes(browser_of, count_queries):
    """{name: {"ms", "fastest", "queries"}}, and the addresses that were not sent to."""
    from django.utils import timezone  # noqa: PLC0415

    from bench import writes  # noqa: PLC0415
    from bench.council import CABINET_MEMBER, CHAIR, CLERK, FIRST_STORY, MEMBER, OFFICER  # noqa: PLC0415

    people = {who: browser_of(who) for who in (CABINET_MEMBER, CHAIR, CLERK, MEMBER, OFFICER)}
    times, queries, addresses = {}, {}, set()
    for number in range(ROUNDS + 1):
        story = writes.Story(people, lambda send, number=number: count_queries(send, number == 0))
        writes.send_year(story, f"inquiry-{FIRST_STORY + number}", number, timezone.localdate())
        for name, seconds, asked in story.timed:
            if number == 0:
                queries[name] = asked
            else:
                times.setdefault(name, []).append(seconds)
        addresses |= story.addresses
    found = {name: summary(times[name], queries=queries[name]) for name in times}
    return found, writes.not_sent(addresses)


def measure_council():
    from django.core.management import call_command  # noqa: PLC0415
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    from bench import pages  # noqa: PLC0415
    from bench.browser import Browser  # noqa: PLC0415
    from bench.council import OFFICER  # noqa: PLC0415

    call_command("collectstatic", interactive=False, verbosity=0)
    handler, browsers = get_wsgi_application(), {}

    def browser_of(who):
        if who not in browsers:
            browsers[who] = Browser(handler, who)
        return browsers[who]

    def count_queries(send, wanted):
        if not wanted:
            return send(), None
        with CaptureQueriesContext(connection) as queries:
            answer = send()
        return answer, sum(query["sql"] not in ("BEGIN", "COMMIT") for query in queries)

    bare = [("a view", None, "/bare/", False), ("a view of who is signed in", OFFICER, "/bare/signed-in/", False)]
    known = pages.facts()
    rows = [*pages.addresses(known), *((*row, False) for row in (*pages.views(), *pages.admin_pages()))]
    found = {
        "bare": measure_pages(bare, browser_of, count_queries),
        "pages": measure_pages(rows, browser_of, count_queries),
    }
    found["writes"], found["not sent"] = measure_writes(browser_of, count_queries)
    connection.close()
    connection.close_pool()
    return found


def main():
    use_database(int(sys.argv[1]))
    # Settings are read from the environment, which is set by now.
    import django  # noqa: PLC0415

    django.setup()
    from django.conf import settings  # noqa: PLC0415

    settings.ROOT_URLCONF = "bench.bare_request"
    began = time.perf_counter()
    found = measure_council()
    SERVER.release()
    print(json.dumps({"work": time.perf_counter() - began} | found))


if __name__ == "__main__":
    main()
