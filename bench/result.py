# SPDX-License-Identifier: MIT
"""result.py: what a workload gives: figures of each library, and goals that are reached or not."""
import statistics

OK, SHORT, SKIPPED = "ok", "SHORT", "skipped"
LEAST_SAMPLES = 100  # of a process in user space, so that its share is known to a tenth


class Row:
    """One library's figures: of each kind a list, one entry a round."""

    def __init__(self, library, runtime, figures):
        self.library, self.runtime, self.figures = library, runtime, figures

    @classmethod
    def of_samples(cls, library, runtime, samples):
        # where a process is is sampled: so the share of user space is that of all rounds together
        user = sum(sample.user for sample in samples)
        both = user + sum(sample.system for sample in samples)
        return cls(library, runtime, {
            "cpu_ns": [sample.cpu_each() for sample in samples],
            "user_ns": [sample.cpu_each() * user / max(1, both) for sample in samples],
            "per_second": [sample.per_second() for sample in samples],
            "user_samples": [user],
        })

    def name(self):
        if self.library == "C" and self.runtime:
            return "C, beside " + self.runtime
        return " ".join(filter(None, (self.runtime, self.library)))

    def has_user(self):
        return "user_samples" in self.figures and self.figures["user_samples"][0] >= LEAST_SAMPLES

    def median(self, kind):
        return statistics.median(self.figures[kind])


class Goal:
    """Ratios, one a round, whose median is to be at most, or at least, a bound. judged: whether
    so short a run can tell."""

    def __init__(self, runtime, text, values, bound, at_most=True, judged=True):
        self.runtime, self.text, self.values = runtime, text, values
        self.bound, self.at_most, self.judged = bound, at_most, judged

    def figure(self):
        return statistics.median(self.values) if self.values else None

    def is_within(self, value, bound):
        # as exact as it is printed
        return value < bound * 1.005 if self.at_most else value > bound * 0.995

    def verdict(self):
        if not self.values:
            return SKIPPED
        return OK if self.is_within(self.figure(), self.bound) else SHORT

    def is_far_off(self):
        """Whether even the best round is worse than twice the goal: no noise does that."""
        if not self.values or not self.judged:
            return False
        best = min(self.values) if self.at_most else max(self.values)
        return not self.is_within(best, self.bound * 2 if self.at_most else self.bound / 2)


class Result:
    """One table. number: the workload's; unit: of one operation; kind: the figure that is drawn."""

    def __init__(self, number, title, unit, rows, goals=(), kind="cpu_ns"):
        self.number, self.title, self.unit, self.rows, self.goals = number, title, unit, rows, list(goals)
        self.kind = kind

    def find(self, library, runtime=None):
        return next((row for row in self.rows if (row.library, row.runtime) == (library, runtime)), None)


def ratios(row, base, kind="cpu_ns"):
    """Round by round; nothing where either is missing."""
    if row is None or base is None:
        return []
    return [value / other for value, other in zip(row.figures[kind], base.figures[kind]) if other > 0]


def overheads(row, other, base, kind="cpu_ns", more=0):
    """What one row adds to the base, and to some more than that, over what another adds, round by
    round; without rounds in which the other adds nothing. Nothing where one is missing."""
    if None in (row, other, base):
        return []
    rounds = zip(row.figures[kind], other.figures[kind], (least + more for least in base.figures[kind]))
    return [(own - least) / (theirs - least) for own, theirs, least in rounds if theirs > least]


def as_json(result):
    return {
        "workload": result.number, "title": result.title, "unit": result.unit,
        "rows": [{"library": row.library, "runtime": row.runtime, "figures": row.figures} for row in result.rows],
        "goals": [{"runtime": goal.runtime, "goal": goal.text, "ratios": goal.values, "figure": goal.figure(),
                   "bound": goal.bound, "at_most": goal.at_most, "verdict": goal.verdict()}
                  for goal in result.goals],
    }
