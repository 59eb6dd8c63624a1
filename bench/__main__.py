"""`make bench`: measures, prints a table, writes results.md, and ends with 1 where a budget is broken."""

import os
import platform
import sys
import tempfile
from datetime import date
from importlib.metadata import version
from pathlib import Path

from bench.fresh import growth, measure, medians, tell
from bench.web_tables import councils, load

RESULTS = Path(__file__).with_name("results.md")
ROUNDS = 5
# The budgets of the house, for the sizes that they are about.
PACK_RATIO, PACK_PAGES, PACK_MEGABYTES = 6, 600, 400
MIXED, TAGGED = "mixed", "tagged"
PACK_WORK = {MIXED: 5, TAGGED: 6}
REPORT_RATIO = 1.5  # seconds, and memory
REPORTS = {"bare": "the engine alone", "ours": "our report as PDF", "published": "our report as published"}
# How much steeper the last stretch may be than the first before growth is no longer called linear.
STEEPER = 1.5
WAYS = {
    "bare": (("bare_merge",), "the bare merge"),
    "merge": (("binding",), "our binding alone"),
    "build": (("packing",), "our whole pack"),
}
PAGES = (60, 600, 2000)
ROWS = (10, 200, 1000)


def packs(folder, kind):
    """The table of packs of one kind of papers as lines of Markdown, and a sentence for each budget that is broken."""
    lines = [
        "| pages | papers | made by | seconds, whole process | times the bare merge | processor seconds "
        "| times the bare merge, beyond the smallest | peak MB | file MB |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    broken, points, smallest = [], [], None
    for pages in (1, *PAGES):
        tell(f"packs of {pages} pages, {kind}")
        papers, output = folder / f"{kind}-{pages}", folder / "pack.pdf"
        # One page cannot be a mixture: an untagged one, because what makes it slow then is in every mixed pack.
        made = "untagged" if kind == MIXED and pages == 1 else kind
        count = measure("papers", papers, pages, made).said["papers"]
        found = medians({way: (*task, papers, output) for way, (task, _) in WAYS.items()}, ROUNDS)
        smallest = smallest or found
        for way, (_, name) in WAYS.items():
            run = found[way]
            times = "" if pages == 1 else f"{beyond(found, smallest, way):.1f}"
            lines.append(
                f"| {pages:,} | {count} | {name} | {run.whole:.2f} | {run.whole / found['bare'].whole:.1f} | "
                f"{run.work:.3f} | {times} | {run.megabytes:.0f} | {run.said['megabytes']:.1f} |"
            )
        if pages == 1:
            continue
        points.append((pages, found["build"].work))
        if (times := beyond(found, smallest, "build")) > PACK_WORK[kind]:
            broken.append(
                f"A pack of {pages:,} pages, {kind}, takes {times:.1f} times the work of the bare merge, "
                f"not {PACK_WORK[kind]}."
            )
        if pages == PACK_PAGES:
            broken += over_budget(found, kind)
    return [*lines, "", *grown("pages", points, broken)], broken


def over_budget(found, kind):
    """A sentence for each budget of a pack, start included, that is broken."""
    pack, bare = found["build"], found["bare"]
    if kind == MIXED and (times := pack.whole / bare.whole) > PACK_RATIO:
        yield f"A pack of {PACK_PAGES} pages takes {times:.1f} times the bare merge, not {PACK_RATIO}."
    if pack.megabytes >= PACK_MEGABYTES:
        yield f"A pack of {PACK_PAGES} pages, {kind}, takes {pack.megabytes:.0f} MB, not less than {PACK_MEGABYTES}."


def beyond(found, smallest, way):
    """How many times the work of the bare merge, without what a pack of one page takes either way: starting
    processes, loading libraries and fonts."""
    return (found[way].work - smallest[way].work) / (found["bare"].work - smallest["bare"].work)


def reports():
    """The table of progress reports as lines of Markdown, and a sentence for each budget that is broken."""
    lines = [
        "| rows | printed by | pages | seconds, whole process | times the engine | peak MB |",
        "|---|---|---|---|---|---|",
    ]
    broken, points = [], []
    for rows in ROWS:
        tell(f"reports of {rows} rows")
        found = medians({way: ("printing", way, rows) for way in REPORTS}, ROUNDS)
        for way, name in REPORTS.items():
            run = found[way]
            lines.append(
                f"| {rows:,} | {name} | {run.said['pages']} | {run.work:.2f} | "
                f"{run.work / found['bare'].work:.2f} | {run.megabytes:.0f} |"
            )
        points.append((rows, found["ours"].work))
        bare = found.pop("bare")
        for way, run in found.items():
            if (times := run.work / bare.work) > REPORT_RATIO:
                broken.append(f"{REPORTS[way]}, {rows} rows: {times:.2f} times the engine alone, not {REPORT_RATIO}.")
            if (times := run.megabytes / bare.megabytes) > REPORT_RATIO:
                broken.append(f"{REPORTS[way]}, {rows} rows: {times:.2f} times the memory, not {REPORT_RATIO}.")
    return [*lines, "", *grown("rows", points, broken)], broken


def grown(what, points, broken):
    """A line on how time grows, and a sentence in `broken` where it is not in proportion."""
    steeper = growth(points)
    sizes = [f"{size:,}" for size, _ in points]
    if steeper > STEEPER:
        broken.append(f"From {sizes[1]} to {sizes[2]} {what}, each costs {steeper:.2f} times what it did before.")
    return [
        f"Each of the {what} from {sizes[1]} to {sizes[2]} costs {steeper:.2f} times what one from {sizes[0]} to "
        f"{sizes[1]} does (up to {STEEPER} counts as linear)."
    ]


def machine():
    """What it was measured on, in words."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    libraries = ", ".join(f"{name} {version(name)}" for name in ("typst", "pikepdf"))
    return (
        f"{os.cpu_count()} processors ({platform.machine()}), {memory:.0f} GB of memory, {platform.system()}, "
        f"Python {platform.python_version()}, {libraries}"
    )


def main():
    with tempfile.TemporaryDirectory() as folder:
        pack_lines, broken = packs(Path(folder), MIXED)
        tagged_lines, tagged_broken = packs(Path(folder), TAGGED)
    broken += tagged_broken
    report_lines, also_broken = reports()
    bare_lines, write_lines, page_lines, web_broken = councils()
    load_lines, load_broken = load()
    broken += also_broken + web_broken + load_broken
    day = date.today()
    text = "\n".join(
        [
            "# What was measured",
            "",
            f"{day.day} {day:%B %Y}: {machine()}. Medians of {ROUNDS} runs. How, and what is allowed: "
            "[README.md](README.md).",
            "",
            "## Agenda packs",
            "",
            *pack_lines,
            "",
            "## Agenda packs of tagged papers alone",
            "",
            *tagged_lines,
            "",
            "## Progress reports",
            "",
            *report_lines,
            "",
            "## Bare requests",
            "",
            *bare_lines,
            "",
            "## Writes",
            "",
            *write_lines,
            "",
            "## Pages",
            "",
            *page_lines,
            "",
            "## Readers and writers without pause",
            "",
            *load_lines,
            "",
            "## Budgets",
            "",
            *([f"- {sentence}" for sentence in broken] or ["All are kept."]),
            "",
        ]
    )
    RESULTS.write_text(text, encoding="utf-8")
    print(text)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
