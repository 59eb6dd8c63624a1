"""The tables of pages, writes and load for results.md, and the budgets that they must keep."""

import os

from bench.fresh import measure, tell

BARE = "one UPDATE by somebody signed in"
# Of a council with so many recommendations: queries, and times the bare request; what a page may take and weigh.
COUNCILS = (1000, 10_000, 100_000)
SAVING = {"keep a draft of an update": (8, 4), "save an update": (20, 4), "submit an update": (20, 8)}
FLAT, PAGE_MILLISECONDS, PAGE_KILOBYTES, PAGE_QUERIES, ADMIN_LIST_MILLISECONDS = 2, 60, 100, 12, 200
# Answers a second, and the 95th percentile in seconds, where 50 read and 20 write without pause.
LOAD_COUNCILS, LOAD_SECONDS = (10_000, 100_000), 20
READS, WRITES, SLOWEST = 150, 40, 1


def councils():
    """The tables of bare requests, writes and pages as lines of Markdown, and a sentence for each broken budget."""
    found = {}
    for size in COUNCILS:
        tell(f"a council of {size:,} recommendations")
        found[size] = measure("web", size).said
    heads = [f"ms (fastest), {size:,}" for size in COUNCILS]
    bare = [run["writes"].pop(BARE) for run in found.values()]
    bare_lines = [f"| request | {' | '.join(heads)} | queries |", "|---" * (len(heads) + 2) + "|"]
    for name in found[COUNCILS[0]]["bare"]:
        runs = [run["bare"][name] for run in found.values()]
        bare_lines.append(f"| {name} | {' | '.join(map(milliseconds, runs))} | {runs[-1]['queries']} |")
    bare_lines.append(f"| {BARE} | {' | '.join(map(milliseconds, bare))} | {bare[-1]['queries']} |")
    tables, broken = {"writes": [], "pages": []}, []
    for kind, lines in tables.items():
        last = "times the one UPDATE" if kind == "writes" else "kB"
        lines += [f"| {' | '.join([kind[:-1], *heads, 'queries', last, 'times the smallest council'])} |"]
        lines.append("|---" * (len(heads) + 4) + "|")
        for name in found[COUNCILS[0]][kind]:
            runs = [found[size][kind].get(name, {"status": "nothing", "place": ""}) for size in COUNCILS]
            if refused := next((run for run in runs if "status" in run), None):
                broken.append(f"{name}: not measured, {refused['place']} answers {refused['status']}.")
                continue
            # Against the bare request of the same run: the machine may have slowed down between the two.
            flat = (runs[-1]["ms"] / bare[-1]["ms"]) / (runs[0]["ms"] / bare[0]["ms"])
            weight = max(run.get("kB", 0) for run in runs)
            shown = f"{weight:.0f}" if kind == "pages" else f"{runs[-1]['ms'] / bare[-1]['ms']:.1f}"
            queries = max(run["queries"] for run in runs)
            cells = [name, *map(milliseconds, runs), str(queries), shown, f"{flat:.1f}"]
            lines.append(f"| {' | '.join(cells)} |")
            if not runs[-1].get("file"):
                over = over_page_budget if kind == "pages" else over_write_budget
                broken += [f"{name}: {sentence}" for sentence in over(name, runs, bare[-1], flat)]
    not_sent = found[COUNCILS[-1]]["not sent"]
    tables["writes"] += ["", f"Not sent: {', '.join(not_sent)}."] if not_sent else []
    return bare_lines, tables["writes"], tables["pages"], broken


def milliseconds(run):
    return f"{run['ms']:.1f} ({run['fastest']:.1f})" if run["ms"] < 10 else f"{run['ms']:.0f} ({run['fastest']:.0f})"


def over_page_budget(name, runs, bare, flat):
    most = ADMIN_LIST_MILLISECONDS if name.startswith("admin, list") else PAGE_MILLISECONDS
    if runs[-1]["ms"] > most:
        yield f"{runs[-1]['ms']:.0f} ms, not {most}."
    if flat > FLAT and most == PAGE_MILLISECONDS:
        yield f"{flat:.1f} times as long in the largest council, not {FLAT}."
    if (weight := max(run["kB"] for run in runs)) > PAGE_KILOBYTES:
        yield f"{weight:.0f} kB, not {PAGE_KILOBYTES}."
    if (queries := max(run["queries"] for run in runs)) > PAGE_QUERIES:
        yield f"{queries} queries, not {PAGE_QUERIES}."


def over_write_budget(name, runs, bare, flat):
    if flat > FLAT:
        yield f"{flat:.1f} times as long in the largest council, not {FLAT}."
    if name in SAVING:
        queries, times = SAVING[name]
        if runs[-1]["queries"] > queries:
            yield f"{runs[-1]['queries']} queries, not {queries}."
        if (ratio := runs[-1]["ms"] / bare["ms"]) > times:
            yield f"{ratio:.1f} times one UPDATE, not {times}."


def load():
    """The table of readers and writers without pause as lines of Markdown, and a sentence for each broken budget."""
    lines = [
        "| recommendations | kind | answers a second | median, ms | 95th percentile, ms | failed |",
        "|---|---|---|---|---|---|",
    ]
    broken, used = [], []
    for size in LOAD_COUNCILS:
        tell(f"readers and writers in a council of {size:,} recommendations")
        found = measure("load", size, LOAD_SECONDS).said["load"]
        for kind, wanted in (("read", READS), ("autosave", 0), ("save", 0), ("write", WRITES)):
            run = found[kind]
            name = "autosave and save" if kind == "write" else kind
            shown = [f"{run[what]:.0f}" if run[what] is not None else "-" for what in ("median", "p95")]
            lines.append(f"| {size:,} | {name} | {run['a second']:.0f} | {' | '.join(shown)} | {run['failed']} |")
            if not wanted:
                continue
            if run["a second"] < wanted:
                broken.append(f"Load, {size:,}, {name}: {run['a second']:.0f} a second, not {wanted}.")
            if (run["p95"] or 60_000) > SLOWEST * 1000:
                broken.append(f"Load, {size:,}, {name}: 95 of 100 within {shown[1]} ms, not {SLOWEST * 1000}.")
        answers = found["read"]["a second"] + found["write"]["a second"]
        processors = found["processors"]
        used.append(
            f"With {size:,} recommendations an answer took {processors['web'] / answers * 1000:.1f} ms of a processor "
            f"in the web server and {processors['database'] / answers * 1000:.1f} in PostgreSQL; of {os.cpu_count()} "
            f"processors {processors['all']:.1f} were busy, with those who ask and whatever else the machine did."
        )
    return [*lines, "", *used], broken
