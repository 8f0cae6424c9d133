"""A study in; a Markdown report with tables, and annotated plots, out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.backtest.alarms import Turn
from pipeline.backtest.past import Past, Singles
from pipeline.backtest.study import Study
from pipeline.cli.plot import COLOURS
from pipeline.metrics.trail import Floats

_MARK = {True: "yes", False: "**no**", None: "cannot say"}


def write_report(found: Study, out: Path) -> list[Path]:
    """Write report.md and its plots; returns the paths."""
    out.mkdir(parents=True, exist_ok=True)
    plots = _plots(found, out)
    path = out / "report.md"
    path.write_text("\n".join(_lines(found, plots)) + "\n", encoding="utf-8")
    return [path, *plots]


def claims_table(found: Study) -> list[str]:
    """Every claim with its number, as Markdown."""
    rows = [(c.what, c.value, c.wanted, _MARK[c.held], c.sample) for c in found.claims]
    return _table(("claim", "measured", "wanted", "held", "sample"), rows)


def _lines(found: Study, plots: Sequence[Path]) -> list[str]:
    past = found.past
    first, last = past.times[0], past.times[-1]
    gaps = int((~past.observed).sum())
    coverage = [
        (str(window), name, f"{share:.3f}", f"{count:,}")
        for window, classes in found.coverage.items()
        for name, (share, count) in classes.items()
    ]
    alarms = [
        (d.detector, f"{d.threshold:g}", f"{d.found} of {d.known}", f"{d.a_year:.1f}") for d in found.alarms
    ]
    return [
        "# Back-test of the coalition metrics",
        "",
        f"{len(past.rows.dyads):,} dyads, {len(past.days):,} days from {first:%Y-%m-%d} to {last:%Y-%m-%d}, "
        f"{gaps} of them missing in the source. Each dyad-day is one netted number: above 0 it counts as "
        "cooperation, below 0 as conflict. Values are of the 30-day half-life unless something else is said.",
        "",
        "## Claims",
        "",
        *claims_table(found),
        "",
        "## Pictures",
        "",
        *(f"![{path.stem}]({path.name})" for path in plots),
        "",
        "## Alarms at known turning points",
        "",
        "Told with the right sign, within a day (robust z) or a week (log-ratio, of either mass). "
        "The price is all alarms, right or wrong, a year and dyad, on these dyads; they are in the news more "
        "than most. The thresholds shipped (5 and 1.3) were chosen from this table: in-sample.",
        "",
        *_table(("detector", "threshold", "turning points told", "alarms a dyad-year"), alarms),
        "",
        "## Coverage of the 90 % intervals",
        "",
        "Even days against odd days of a window, by the smaller half's effective happenings: how often the "
        "difference of two estimates of one tone lies within 1.645 standard deviations of it.",
        "",
        *_table(("days", "effective happenings", "covered", "pairs of halves"), coverage),
        "",
        "## Ablations",
        "",
        *_table(("what", "convention", "result"), found.ablations),
        "",
        "## The ledger's digest",
        "",
        *_table(("delivered", "digest"), [(n, f"`{d[:16]}…`") for n, d in found.digests.items()]),
    ]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [
        "| " + " | ".join(head) + " |",
        "|" + "---|" * len(head),
        *("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows),
    ]


def _plots(found: Study, out: Path) -> list[Path]:
    import matplotlib

    matplotlib.use("Agg")
    past = found.past
    told = [name for name in ("axis", "west") if name in past.coalitions]
    cohesion = {name: past.coalitions[name]["cohesion"] for name in told}
    frustration = {"axis and west": past.coalitions["axis"]["frustration"]} if "axis" in told else {}
    pairs = [pair for pair in (("CHN", "RUS"), ("IRN", "RUS"), ("PRK", "RUS")) if past.row(*pair) is not None]
    affinity = {"–".join(pair): past.affinity[:, past.row(*pair)] for pair in pairs}
    return [
        _plot(past, cohesion, found.turns, "cohesion: mean tie of members", out / "cohesion.png"),
        _plot(past, affinity, found.turns, "affinity: ln of cooperation over chance", out / "affinity.png"),
        _plot(past, frustration, found.turns, "frustration: share of ties of the wrong sign",
              out / "frustration.png"),
    ]  # fmt: skip


def _plot(
    past: Past, series: Mapping[str, Floats | Singles], turns: Sequence[Turn], label: str, path: Path
) -> Path:
    from matplotlib import pyplot as plt

    figure, axis = plt.subplots(figsize=(12, 5))
    for colour, (name, values) in zip(COLOURS, series.items(), strict=False):
        axis.plot(past.times, values, color=colour, lw=1.6, label=name)
        if label.startswith("cohesion"):
            told = past.coalitions[name]
            axis.fill_between(past.times, told["low"], told["high"], color=colour, alpha=0.12, lw=0)
    _annotate(axis, past, turns)
    axis.set_ylabel(label)
    axis.axhline(0, color="#888888", lw=0.7)
    axis.grid(alpha=0.25)
    if series:
        axis.legend(loc="lower left", frameon=False, ncols=4)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)
    return path


def _annotate(axis: Any, past: Past, turns: Sequence[Turn]) -> None:
    """Name the turning points that concern any of the states drawn, high and low in turn."""
    drawn = {"RUS", "CHN", "IRN", "PRK"}
    shown = sorted((t for t in turns if drawn & {t.one, t.other}), key=lambda turn: turn.day)
    high = True
    for turn in shown:
        at = np.datetime64(turn.day)
        if not past.times[0].date() <= turn.day <= past.times[-1].date():
            continue
        high = not high
        axis.axvline(at, color="#999999", lw=0.7, ls=":")
        words = f"{turn.one}–{turn.other} {turn.what}"
        axis.annotate(
            words, (at, 0.98 if high else 0.02), xycoords=("data", "axes fraction"), rotation=90, fontsize=7,
            ha="right", va="top" if high else "bottom", color="#444444",
        )  # fmt: skip
