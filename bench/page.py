# SPDX-License-Identifier: MIT
"""page.py: the results as one HTML page: the goals, then a chart (plain SVG) and the figures of
each table. It needs no network and no script."""
import html

from result import OK, SHORT
from table import amount, quartiles, scale, spread

STYLE = """
body { font: 15px/1.45 system-ui, "DejaVu Sans", sans-serif; color: #222; background: #fff;
       max-width: 62em; margin: 2em auto; padding: 0 1em }
h1 { font-size: 1.6em; margin-bottom: .2em } h2 { font-size: 1.1em; margin: 2.2em 0 .3em }
p.machine { color: #555; margin-top: 0 }
table { border-collapse: collapse; margin: .6em 0; width: 100% }
th, td { text-align: left; padding: .25em .7em .25em 0; border-bottom: 1px solid #ddd; vertical-align: top }
td.number { white-space: nowrap; font-variant-numeric: tabular-nums }
.ok { color: #18713a; font-weight: 600 } .SHORT { color: #b3261e; font-weight: 600 } .skipped { color: #777 }
svg text { font: 13px system-ui, "DejaVu Sans", sans-serif; fill: #222 } svg .note { fill: #666; font-size: 12px }
"""
COLOURS = {"C": "#8a8f98", "llnet": "#1f6feb", "other": "#d9a441"}
LABELS, BARS, FIGURES, HEIGHT = 230, 440, 250, 22  # pixels


def escape(text):
    return html.escape(str(text))


def colour(row):
    library = row.library.partition(",")[0]
    return COLOURS.get(library, COLOURS["other"])


def bar(row, values, place, factor, form):
    """One row of a chart: median as a bar, its user-space share darker, the spread as a line."""
    first, middle, last = quartiles(values)
    y = place * HEIGHT + 4
    parts = ['<text x="%d" y="%d" text-anchor="end">%s</text>' % (LABELS - 8, y + 13, escape(row.name())),
             '<rect x="%d" y="%d" width="%.1f" height="15" fill="%s"/>' % (LABELS, y, middle * factor, colour(row))]
    if row.has_user() and values is row.figures["cpu_ns"]:
        parts.append('<rect x="%d" y="%d" width="%.1f" height="15" fill="#000" fill-opacity=".28"/>' % (
            LABELS, y, row.median("user_ns") * factor))
    parts.append('<path d="M%.1f %dH%.1f" stroke="#222"/>' % (LABELS + first * factor, y + 7,
                                                             LABELS + last * factor))
    parts.append('<text class="note" x="%.1f" y="%d">%s</text>' % (LABELS + last * factor + 8, y + 13,
                                                                   escape(form(values))))
    return "".join(parts)


def chart(result):
    rows = [row for row in result.rows if result.kind in row.figures]
    most = max((quartiles(row.figures[result.kind])[2] for row in rows), default=0)
    if most == 0:
        return ""
    unit, nanoseconds = scale(result) if result.kind == "cpu_ns" else ("", 1)

    def form(values):
        if result.kind == "per_second":
            return "%s/s" % amount(sorted(values)[len(values) // 2])
        if result.kind == "bytes":
            return spread(values) + " bytes"
        return spread([value / nanoseconds for value in values]) + " " + unit

    bars = "".join(bar(row, row.figures[result.kind], place, BARS / most, form) for place, row in enumerate(rows))
    return '<svg width="%d" height="%d" role="img" aria-label="%s">%s</svg>' % (
        LABELS + BARS + FIGURES, len(rows) * HEIGHT + 6, escape(result.title), bars)


def caption(result):
    if result.kind == "per_second":
        return "%ss a second: longer is better" % result.unit
    if result.kind == "bytes":
        return "bytes a %s: shorter is better" % result.unit
    return "CPU time a %s, user space darker: shorter is better; the line is the middle half of the rounds" % result.unit


def goals(results):
    rows = []
    for result in results:
        for goal in result.goals:
            verdict = goal.verdict()
            shown = {OK: "reached", SHORT: "short"}.get(verdict, verdict)
            rows.append('<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td class="number">%s</td>'
                        '<td class="%s">%s</td></tr>' % (
                            escape(result.number), escape(result.title), escape(goal.runtime), escape(goal.text),
                            spread(goal.values) if goal.values else "", verdict, shown))
    return ("<table><thead><tr><th></th><th>workload</th><th>runtime</th><th>goal</th><th>figure</th><th></th></tr>"
            "</thead><tbody>%s</tbody></table>" % "\n".join(rows))


def about(machine):
    versions = ", ".join(machine["versions"].values())
    return ("%(date)s, %(processors)s processors (%(processor)s), %(kernel)s, %(congestion_control)s; load average "
            "%(load_average).1f; %(rounds)s rounds of about %(seconds_a_round)g s. " % machine) + versions + "."


def render(machine, results):
    sections = ["<h2>%s. %s</h2><p class=\"machine\">%s</p>%s" % (
        escape(result.number), escape(result.title), escape(caption(result)), chart(result))
        for result in results if result.rows]
    return """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>llnet: what it costs</title><style>%s</style></head><body>
<h1>llnet: what it costs</h1><p class="machine">%s</p>
<p>Each figure is a median, with the quartiles behind it; a ratio is taken within a round of the same run. C is a program on the raw
system calls.</p>
%s
%s
</body></html>
""" % (STYLE, escape(about(machine)), goals(results), "\n".join(sections))
