"""Configuration: all faults at once, each with file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.contract.errors import ConfigError
from pipeline.contract.topics import TOPICS
from pipeline.settings import ENVIRONMENT, load_settings

CONFIG = Path(__file__).parent.parent.parent / "config"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped configuration."""
    return Path(shutil.copytree(CONFIG, tmp_path / "config"))


def test_the_shipped_configuration_has_no_faults() -> None:
    settings = load_settings(CONFIG, {})
    assert len(settings.feeds) >= 40
    assert {"axis", "west", "nato", "g7", "eu", "brics", "sco", "csto", "aukus", "quad", "gcc"} <= {
        coalition.name for coalition in settings.coalitions
    }
    assert {topic.name for topic in TOPICS} <= set(settings.topics.topics)


def test_five_faults_in_four_files_are_all_named_with_file_and_line(folder: Path) -> None:
    pipeline = (folder / "pipeline.yaml").read_text()
    (folder / "pipeline.yaml").write_text(
        pipeline.replace("bootstrap: localhost:9092", "bootstrap: nowhere").replace(
            "concurrency: 32", "concurency: 32"
        )
    )
    topics = (folder / "topics.yaml").read_text()
    (folder / "topics.yaml").write_text(topics.replace("coalition.clock.v1:", "coalition.clok.v1:"))
    feeds = (folder / "feeds.yaml").read_text()
    broken = feeds.replace("https://", "gopher://", 1)
    (folder / "feeds.yaml").write_text(broken)
    (folder / "coalitions.yaml").write_text("mine:\n  title: Mine\n  members: [RUS, CHN]\n  rival: nobody\n")
    with pytest.raises(ConfigError) as caught:
        load_settings(folder, {})
    faults = "\n".join(caught.value.faults)

    def line(text: str, words: str) -> int:
        return next(n for n, row in enumerate(text.splitlines(), 1) if words in row)

    assert f"pipeline.yaml:{line(pipeline, 'bootstrap:')}: kafka.bootstrap" in faults
    assert (
        f"pipeline.yaml:{line(pipeline, 'concurrency: 32')}: poller.concurency: remove this unknown key"
        in faults
    )
    assert "topics.yaml:1: add the topic 'coalition.clock.v1'" in faults
    assert f"feeds.yaml:{line(broken, 'gopher://')}" in faults
    assert "coalitions.yaml:4" in faults
    assert "nobody" in faults
    assert len(caught.value.faults) == 5
    assert all(str(folder) in fault for fault in caught.value.faults)


def test_missing_files_and_broken_yaml_are_faults_too(folder: Path) -> None:
    (folder / "topics.yaml").unlink()
    (folder / "pipeline.yaml").write_text("kafka: [\n")
    with pytest.raises(ConfigError) as caught:
        load_settings(folder, {})
    assert [fault.split("config/")[1].split(":")[0] for fault in caught.value.faults] == [
        "pipeline.yaml",
        "topics.yaml",
    ]


def test_a_key_given_twice_is_a_fault(folder: Path) -> None:
    (folder / "pipeline.yaml").write_text("state: a\nstate: b\n")
    with pytest.raises(ConfigError, match=r"pipeline\.yaml:2: the key 'state' stands here twice"):
        load_settings(folder, {})


def test_the_environment_overrides_files(folder: Path) -> None:
    settings = load_settings(folder, {"BLOCWATCH_KAFKA": "kafka:19092", "BLOCWATCH_STATE": "/state"})
    assert settings.pipeline.kafka.bootstrap == "kafka:19092"
    assert settings.state == Path("/state")
    with pytest.raises(ConfigError, match=r"kafka\.bootstrap"):
        load_settings(folder, {"BLOCWATCH_KAFKA": "kafka"})
    assert all(name.startswith("BLOCWATCH_") for name in ENVIRONMENT)
