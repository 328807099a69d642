# SPDX-License-Identifier: MIT
"""table.py: the results as text: for each table its figures, and at the end all goals."""
import statistics

from result import ratios


def number(value):
    """Three or four digits."""
    return "{:,.0f}".format(value) if value >= 1000 else "%.3g" % value


def quartiles(values):
    """Between the first and the last is the middle half of the rounds."""
    return statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3


def spread(values, form=number):
    """The median, and from the first to the last quartile."""
    first, middle, last = map(form, quartiles(values))
    return middle if first == last else "%s (%s to %s)" % (middle, first, last)


def two_places(value):
    return "%.2f" % value


def amount(value):
    """With a unit's prefix, three digits."""
    for factor, prefix in (1e9, "G"), (1e6, "M"), (1e3, "k"):
        if value >= factor:
            return "%.3g%s" % (value / factor, prefix)
    return "%.3g" % value


def scale(result):
    """The unit of CPU time for a table, and its nanoseconds."""
    if result.unit == "byte":
        return "ms/GiB", 1e6 / (1 << 30)
    longest = max(row.median("cpu_ns") for row in result.rows)
    return ("ms", 1e6) if longest >= 1e6 else ("us", 1e3) if longest >= 2e4 else ("ns", 1)


def cells(result, row, base, factor):
    if "bytes" in row.figures:
        return [spread(row.figures["bytes"]), "", "", ""]
    cpu = spread([value / factor for value in row.figures["cpu_ns"]])
    if "user_ns" not in row.figures:
        return [cpu, "", "", ""]
    values = ratios(row, base) if base is not row else []
    ratio = spread(values, two_places) if values else ""
    user = number(row.median("user_ns") / factor) if row.has_user() else ""
    return [cpu, user, amount(row.median("per_second")), ratio]


def render_result(result):
    if not result.rows:
        return []
    unit, factor = ("bytes", 1) if result.kind == "bytes" else scale(result)
    lines = ["", "%s. %s" % (result.number, result.title)]
    form = "  %-30s %-30s %-10s %-11s %s"
    of = "" if result.unit == "byte" else " a " + result.unit
    if result.kind == "bytes":
        lines.append(form % ("", "bytes" + of, "", "", ""))
    elif "user_ns" in result.rows[0].figures:
        lines.append(form % ("", "CPU %s%s" % (unit, of), "user " + unit, "per second", "times C's CPU"))
    else:
        lines.append(form % ("", "CPU " + unit + of, "", "", ""))
    return lines + [(form % (row.name(), *cells(result, row, result.find("C", row.runtime) or result.find("C"), factor))).rstrip() for row in result.rows]


def render_goals(results):
    form = "%-6s %3s  %-42s %-8s %-62s %s"
    lines = ["", "goals: the median of the rounds' ratios (first to last quartile)", ""]
    for result in results:
        for goal in result.goals:
            figure = spread(goal.values) if goal.values else ""
            lines.append((form % (goal.verdict(), result.number, result.title, goal.runtime, goal.text,
                                  figure)).rstrip())
    return lines


def render(results):
    lines = []
    for result in results:
        lines += render_result(result)
    return "\n".join(lines + render_goals(results))
