"""A small folder of outputs, made by the demo's own feeds or by hand, for the dashboard's tests."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script> \u202eRussia\u202c met China'
START = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = 120
CAMPS = {"axis": ("CHN", "IRN", "PRK", "RUS"), "west": ("FRA", "GBR", "JPN", "USA")}


def _stamp(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _base(moment: datetime) -> dict[str, Any]:
    return {
        "as_of": _stamp(moment), "n_eff": 4.0, "prior_share": 0.8, "spec_version": "2.0",
        "ontology_version": "test", "ledger_digest": "ab" * 32,
    }  # fmt: skip


def metric(name: str, moment: datetime, cohesion: float, change: float) -> dict[str, Any]:
    """One coalition metric in the headline view; all of `change` is the first pair's."""
    rival = "west" if name == "axis" else "axis"
    first = "|".join(CAMPS[name][:2])
    return {
        **_base(moment), "view": "ewm30d", "final": True, "revision": 0, "n_events": 9, "coalition": name,
        "rival": rival, "members": CAMPS[name], "cohesion": cohesion,
        "ci90": [cohesion - 0.4, cohesion + 0.4],
        "affinity": 0.1, "opposition": 0.2, "opposition_ci90": [-0.1, 0.5], "strength": 2 * (1 + cohesion),
        "capability": "equal", "frustration": 0.2, "density": 0.5,
        "index": {"value": 100 * (1 + cohesion), "z": None, "baseline_from": _stamp(START),
                  "baseline_until": _stamp(START + timedelta(days=29))},
        "shape": {"as_of": _stamp(moment), "triad_balance": 0.5, "partition_agreement": 0.875,
                  "placebo_percentile": 97.0},
        "dyads_observed": 3, "dyads_possible": 6, "top_dyads": [],
        "drivers": {"since": _stamp(moment - timedelta(days=1)), "change": change, "rest": 0.0,
                    "dyads": [{"dyad": first, "contribution": change}]},
    }  # fmt: skip


def dyad(one: str, other: str, tie: float) -> dict[str, Any]:
    """One dyad in the headline view."""
    return {
        **_base(START + timedelta(days=DAYS)), "view": "ewm30d", "final": True, "revision": 0, "n_events": 3,
        "dyad": "|".join(sorted((one, other))), "coop": 5.0, "conflict": 1.0, "net": 4.0, "tone": tie,
        "ci90": [tie - 0.3, tie + 0.3], "log_odds": 0.2, "tie": tie, "tie_ci90": [tie - 0.3, tie + 0.3],
        "expected": 0.0, "affinity": 0.1, "momentum": [0.0, 0.0], "volume_share": 0.1, "top_events": [],
    }  # fmt: skip


def event(number: int, sentence: str, trigger: str, day: int = DAYS - 5) -> dict[str, Any]:
    """One meeting of Russia and China, told by `sentence`, which names both and holds `trigger`."""
    spans = {name: [sentence.index(word), sentence.index(word) + len(word)]
             for name, word in (("source", "Russia"), ("target", "China"), ("trigger", trigger))}  # fmt: skip
    moment = START + timedelta(days=day)
    return {
        "event_id": f"{number:032x}", "revision": 1, "article_id": f"{number:032x}",
        "url": "https://news.example/a" if number % 2 else "javascript:alert(1)", "outlet": "The <b>Wire</b>",
        "published_at": _stamp(moment), "dyad": "CHN|RUS",
        "source": {"code": "RUS", "name": "Russia", "rule": "name"},
        "target": {"code": "CHN", "name": "China", "rule": "name"}, "type": "CONSULT", "mode": "visit",
        "quad": "VCOOP", "cameo_root": "04", "goldstein": 2.0, "symmetric": True, "status": "occurred",
        "occurred_on": f"{moment:%Y-%m-%d}", "date_granularity": "day", "date_rule": "published",
        "evidence": {"sentence": sentence, "sentence_span": [0, len(sentence)], "trigger": trigger,
                     **{f"{name}_span": span for name, span in spans.items()}},
        "confidence": 0.9, "extractor_version": "test", "ontology_version": "test",
    }  # fmt: skip


def write(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Replace a file of JSON lines at once."""
    draft = path.with_suffix(".part")
    draft.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    draft.replace(path)


def write_sample(folder: Path) -> None:
    """Write 120 days of two camps with one jump, ties, drift, an alert, and a hostile title."""
    history = [
        metric(name, START + timedelta(days=day), 0.1 if day < 90 else 0.3, 0.2 if day == 90 else 0.0)
        for name in CAMPS
        for day in range(DAYS + 1)
    ]
    inside = {pair for camp in CAMPS.values() for pair in combinations(camp, 2)}
    everyone = sorted(code for camp in CAMPS.values() for code in camp)
    end = START + timedelta(days=DAYS)
    write(folder / "metrics-history.jsonl", history)
    write(folder / "metrics.jsonl", [metric(name, end, 0.3, 0.0) for name in CAMPS])
    write(
        folder / "dyads.jsonl",
        [dyad(*p, 0.4 if p in inside or p[::-1] in inside else -0.3) for p in combinations(everyone, 2)],
    )
    drift = {**_base(end), "coalition": "axis", "rival": "west", "state": "IND", "drift": 0.1,
             "ci90": [-0.2, 0.4], "candidate": False, "days_above": 0, "since": None}  # fmt: skip
    write(folder / "drift.jsonl", [drift])
    alert = {**_base(end), "kind": "surge_up", "subject": "CHN|RUS", "value": 4.0, "threshold": 3.0,
             "final": True}  # fmt: skip
    write(folder / "alerts.jsonl", [alert])
    bloc = {**_base(end), "label": "bloc-chn-rus", "members": ["CHN", "IRN", "RUS"], "cohesion": 0.4,
            "ci90": [0.1, 0.7], "since": _stamp(START)}  # fmt: skip
    write(folder / "blocs.jsonl", [bloc])
    clock = {"stage": "aggregator", "frontier": _stamp(end), "watermark": _stamp(end - timedelta(days=2)),
             "tick": _stamp(end), "events": 2, "ledger_digest": "ab" * 32}  # fmt: skip
    write(folder / "clock.jsonl", [clock])
    write(
        folder / "events.jsonl",
        [event(1, "Russia met China in Moscow.", "met"), event(2, HOSTILE, "met", DAYS - 6)],
    )
