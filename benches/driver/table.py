"""From runs to rows: medians, ratios of neighbours, and the Markdown that goes into the README."""

from dataclasses import dataclass
from statistics import median

from .rounds import runs_by_case
from .rows import HIGHER


@dataclass
class Outcome:
    """A row with its figures. The ratio is how many times better ours is: above 1 we are ahead."""

    row: object
    real: float | None
    ours: float | None
    ratios: list
    unlike: int  # pairs left out, since the processors had moved between their two runs
    limits: list
    errors: list


def figure_median(runs, metric):
    values = [run.figures[metric] for run in runs if metric in run.figures]
    return median(values) if values else None


def pairs_of(real_runs, ours_runs, metric):
    """The two runs of the same round, where both count and have the figure."""
    ours = {run.round: run for run in ours_runs if metric in run.figures}
    return [(run, ours[run.round]) for run in real_runs if run.round in ours and metric in run.figures]


def ratio_of(row, real, ours):
    a, b = real.figures[row.metric], ours.figures[row.metric]
    if min(a, b) <= 0:
        return None
    return b / a if row.better == HIGHER else a / b


def ratios_of(row, pairs):
    """Like is compared with like, unless there is no such pair. Returns ratios and the number of pairs left out."""
    like = [(a, b) for a, b in pairs if a.mode == b.mode != "mixed"]
    chosen = like or pairs
    ratios = [ratio for a, b in chosen if (ratio := ratio_of(row, a, b)) is not None]
    return ratios, len(pairs) - len(chosen)


def outcomes(rows, runs, real, ours):
    table = runs_by_case(runs)
    result = []
    for row in rows:
        real_runs, ours_runs = (table[name, row.program, row.args] for name in (real, ours))
        ratios, unlike = ratios_of(row, pairs_of(real_runs, ours_runs, row.metric))
        limits = [
            (limit.note, value * limit.scale)
            for limit in row.limits
            if (value := figure_median(table["limit", limit.program, limit.args], limit.metric)) is not None
        ]
        errors = [run for run in runs if run.error and (run.program, run.args) == row.case]
        result.append(
            Outcome(
                row, figure_median(real_runs, row.metric), figure_median(ours_runs, row.metric), ratios, unlike, limits,
                errors,
            )  # fmt: skip
        )
    return result


def number(value):
    """Three digits are what such a measurement is worth."""
    if value is None:
        return "–"
    text = f"{value:.3g}"
    return f"{value:.0f}" if "e+" in text else text


def quantity(value, unit):
    if value is None:
        return "–"
    if unit == "/s":
        for size, prefix in ((1e6, " M"), (1e3, " k")):
            if value >= size:
                return f"{number(value / size)}{prefix}/s"
        return f"{number(value)} /s"
    if unit == "s" and value < 0.01:
        return f"{number(value * 1e3)} ms"
    return f"{number(value)} {unit}"


def limit_text(outcome):
    return ", ".join(f"{quantity(value, outcome.row.unit)} {note}".strip() for note, value in outcome.limits)


def ratio_text(outcome):
    if outcome.errors:
        return "**fails**"
    return f"**{median(outcome.ratios):.2f}**" if outcome.ratios else "–"


def spread_text(outcome):
    return f"{min(outcome.ratios):.2f} – {max(outcome.ratios):.2f}" if outcome.ratios else "–"


def markdown(results, real, ours):
    lines = []
    group = None
    for outcome in results:
        row = outcome.row
        if row.group != group:
            group = row.group
            lines += ["", f"| {group} | {real} | {ours} | ratio | least – most | asked | limit |"]
            lines += ["|---|---|---|---|---|---|---|"]
        asked = row.asked or ""
        cells = [
            row.label, quantity(outcome.real, row.unit), quantity(outcome.ours, row.unit), ratio_text(outcome),
            spread_text(outcome), str(asked), limit_text(outcome),
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def pairs_lines(results):
    """What eight pairs move together, beside what one pair moves alone."""
    found = {outcome.row.args: outcome for outcome in results if outcome.row.metric == "messages_per_s"}
    lines = []
    for transport in ("tcp", "inproc"):
        one = found.get(f"transport={transport} size=64")
        eight = found.get(f"transport={transport} size=64 pairs=8")
        if one and eight and all((one.real, one.ours, eight.real, eight.ours)):
            lines.append(
                f"- 8 pairs over {transport} move {eight.real / one.real:.2f} times what one pair moves with libzmq5, "
                f"{eight.ours / one.ours:.2f} times with ours."
            )
    return lines


USAGE = (
    ("cpu_s_per_million", "CPU s a million"),
    ("switches_per_message", "context switches a message"),
    ("peak_mb_0", "peak MB, receiving or serving end"),
    ("peak_mb_1", "peak MB, other end"),
)


def usage_markdown(rows, runs, real, ours):
    """What the cases cost, for each that tells."""
    table = runs_by_case(runs)
    heads = [f"{title}: {name}" for _, title in USAGE for name in (real, ours)]
    lines = ["", f"| cost | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    for program, args in dict.fromkeys(row.case for row in rows):
        cells = [
            number(figure_median(table[name, program, args], metric)) for metric, _ in USAGE for name in (real, ours)
        ]
        if cells[0] != "–" or cells[1] != "–":
            lines.append(f"| {program} {args}".rstrip() + f" | {' | '.join(cells)} |")
    return lines
