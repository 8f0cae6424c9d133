"""What operators are told: origins of settings, lag and its limit, findings of the doctor, exit codes."""

from __future__ import annotations

import doctest
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import structlog

from pipeline.cli import config, doctor, finding, lag
from pipeline.cli.config import origin_of
from pipeline.cli.lag import over
from pipeline.telemetry import configure_logging
from pipeline.transport.lag import PartitionLag
from pipeline.workers import freshness
from tests.command import ROOT, blocwatch


@pytest.mark.parametrize("module", [config, doctor, finding, lag, freshness])
def test_examples_in_docstrings(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]  # a module, as parametrize gives it


def _lag(behind: int, behind_s: float | None) -> PartitionLag:
    return PartitionLag("t", 0, 5, 5 + behind, behind, behind_s)


@pytest.mark.parametrize(
    ("lags", "expected"),
    [
        ([], False),
        ([_lag(0, 0.0)], False),
        ([_lag(3, 60.0)], False),
        ([_lag(0, 0.0), _lag(3, 60.5)], True),
        ([_lag(3, None)], True),
    ],
)
def test_a_stage_is_over_the_limit_when_late_or_unknown(lags: list[PartitionLag], expected: bool) -> None:
    assert over(lags, 60) is expected


def test_the_environment_wins_over_the_file_and_the_file_over_the_default() -> None:
    lines: dict[tuple[str | int, ...], int] = {("log", "level"): 7, ("log",): 6}
    environment = {"LEVEL": ("log", "level")}
    path = ("log", "level")
    assert origin_of(path, "a.yaml", lines, environment, {"LEVEL": "debug"}) == "$LEVEL"
    assert origin_of(path, "a.yaml", lines, environment, {"LEVEL": ""}) == "a.yaml:7"
    assert origin_of(("log", "format"), "a.yaml", lines, environment, {}) == "default"


def test_config_show_tells_origins() -> None:
    shown = blocwatch("config", "show", "--origin", BLOCWATCH_LOG_LEVEL="debug").stdout
    lines = {line.split(" = ")[0]: line for line in shown.splitlines() if " = " in line}
    assert lines["log.level"].endswith("# $BLOCWATCH_LOG_LEVEL")
    written = (ROOT / "config" / "pipeline.yaml").read_text(encoding="utf-8").splitlines()
    at = next(number for number, line in enumerate(written, 1) if line.startswith("  batch: 32"))
    assert lines["extractor.batch"].endswith(f"# pipeline.yaml:{at}")
    assert lines["poller.proxy"].endswith("# default")


def test_a_line_that_is_misunderstood_ends_with_2() -> None:
    assert blocwatch("lag", "--max", "soon").returncode == 2
    assert blocwatch("nonsense").returncode == 2


def test_a_reader_that_goes_away_is_no_traceback() -> None:
    command = [sys.executable, "-m", "pipeline.cli", "topics", "list"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_offered_for_the_usual_shells(shell: str) -> None:
    done = blocwatch("completion", shell)
    assert done.returncode == 0, done.stderr
    assert "blocwatch" in done.stdout
    assert blocwatch("completion", "tcl").returncode == 2


def test_completion_completes() -> None:
    done = blocwatch(COMP_WORDS="blocwatch to", COMP_CWORD="1", _BLOCWATCH_COMPLETE="complete_bash")
    assert done.stdout.split() == ["topics"]


def test_logs_are_json_where_nobody_reads_along(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    configure_logging("info", "auto")
    try:
        structlog.get_logger().info("polled", feeds=3)
    finally:
        structlog.reset_defaults()
    told = json.loads(written.getvalue())
    assert (told["event"], told["feeds"], told["level"]) == ("polled", 3, "info")


def test_doctor_tells_how_to_mend_a_bad_configuration(tmp_path: Path) -> None:
    done = blocwatch("doctor", "--config", str(tmp_path))
    assert done.returncode == 1
    assert "mend it: blocwatch config check" in done.stdout


def test_progress_is_silent_where_nobody_watches(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("date,source,target,goldstein\n2024-03-01,SWE,FIN,6.4\n")
    done = blocwatch("recompute", "--events", str(tmp_path / "e.csv"), "--out", str(tmp_path / "out"))
    assert done.returncode == 0
    assert done.stderr == ""


def test_a_file_that_is_not_there_is_one_clear_line() -> None:
    for arguments in (("extract", "--jsonl", "/nofile"), ("explain", "axis", "--events", "/nofile")):
        done = blocwatch(*arguments)
        assert (done.returncode, done.stderr.strip()) == (
            1,
            "blocwatch: cannot read /nofile: No such file or directory",
        )


def test_help_imports_nothing_heavy() -> None:
    heavy = ("spacy", "numpy", "kafka", "faust", "aiohttp", "pydantic", "matplotlib", "onnxruntime", "rich")
    code = f"import sys, pipeline.cli.main; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "[]", done.stderr
