"""config/*.yaml and BLOCWATCH_* environment in; Settings out, or every fault at once with file and line."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from pipeline.articles.feed import Feed
from pipeline.articles.feedlist import load_feeds
from pipeline.articles.owners import load_owners
from pipeline.contract.errors import ConfigError
from pipeline.contract.topics import TOPICS
from pipeline.grants import Grant, load_grants
from pipeline.kafkasettings import SECURITY_ENVIRONMENT, KafkaSettings
from pipeline.metrics.params import MetricParams
from pipeline.ontology.coalition import Coalition, load_coalitions, shipped_coalitions
from pipeline.ontology.yamlfile import check_model


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WebSubSettings(_Section):
    """Where hubs reach the poller, so that feeds that name one have their news pushed (W3C WebSub)."""

    callback: str = Field(
        pattern=r"^https?://", description="Address that hubs reach, as a proxy with TLS gives it."
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on, by plain HTTP.")
    port: int = Field(default=8088, ge=0, le=65535)


class PollerSettings(_Section):
    """How the poller behaves towards feeds."""

    concurrency: int = Field(default=32, ge=1, le=64, description="Requests under way at once.")
    spacing_s: float = Field(default=1.0, ge=0, description="Least time between requests to one domain.")
    timeout_s: float = Field(default=10, gt=0, description="For one request with its redirects.")
    proxy: str | None = Field(
        default=None,
        pattern=r"^http://",
        description="HTTP proxy for public addresses; never from elsewhere.",
    )
    max_bytes: int = Field(default=8_000_000, ge=10_000, description="Of one feed, unpacked.")
    user_agent: str = Field(
        default="blocwatch/0.1 (+https://example.org/blocwatch)",
        min_length=5,
        description="Who asks, and how publishers reach you.",
    )
    remember_days: int = Field(
        default=180, ge=1, description="How long an article is known after its feed showed it last."
    )
    allow_local: bool = Field(
        default=False, description="Permit feeds on loopback and private addresses (tests, intranets)."
    )
    websub: WebSubSettings | None = Field(default=None, description="None: feeds are polled only.")


class ExtractorSettings(_Section):
    """How the extractor shares its work out."""

    batch: int = Field(default=32, ge=1, description="Articles handed to a process at a time.")
    linger_s: float = Field(default=0.1, gt=0, description="Longest wait to fill a batch.")
    processes: int = Field(default=1, ge=1, le=64, description="That code articles; one a core.")
    timeout_s: float = Field(default=120, gt=0, description="Longest time for one batch.")
    article_seconds: float = Field(
        default=20, gt=0, description="Processor time for one article; its process ends there."
    )
    article_memory_mb: int = Field(
        default=512, ge=64, description="What one article may add to a loaded process (Linux)."
    )


class AggregatorSettings(_Section):
    """How often the aggregator publishes."""

    batch: int = Field(default=8000, ge=1, description="Events folded before metrics are published.")
    linger_s: float = Field(default=0.25, gt=0, description="Metrics are published at most this often.")


class DeadLetterSettings(_Section):
    """When so much input is bad that a worker had better stop."""

    window: int = Field(default=200, ge=10, description="Records looked back on, at least.")
    share: float = Field(default=0.2, gt=0, le=1, description="More than this share of bad ones stops it.")
    least: int = Field(default=50, ge=1, description="Fewer bad ones than these never stop it.")


class LogSettings(_Section):
    """What is logged."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="debug, info, warning or error: the least that is told."
    )
    format: Literal["auto", "console", "json"] = Field(
        default="auto", description="console or json; auto is console on a terminal, json elsewhere."
    )


class PipelineFile(_Section):
    """config/pipeline.yaml."""

    state: Path = Field(default=Path("var"), description="Folder of SQLite files and snapshots.")
    kafka: KafkaSettings = KafkaSettings()
    poller: PollerSettings = PollerSettings()
    extractor: ExtractorSettings = ExtractorSettings()
    aggregator: AggregatorSettings = AggregatorSettings()
    dead_letters: DeadLetterSettings = DeadLetterSettings()
    log: LogSettings = LogSettings()
    metrics: MetricParams = MetricParams()


class TopicSpec(_Section):
    """How one topic is laid out on the broker."""

    partitions: int = Field(ge=1)
    cleanup: Literal["delete", "compact"]
    retention_days: float | None = Field(default=None, gt=0)
    max_message_bytes: int = Field(default=1_048_576, ge=1024)


class TopicsFile(_Section):
    """config/topics.yaml."""

    replication: int = Field(default=1, ge=1, description="Copies of each topic; 3 on a cluster.")
    min_insync: int = Field(
        default=1, ge=1, description="Copies that must have a record before it counts; 2 on a cluster."
    )
    topics: dict[str, TopicSpec] = Field(description="Layout of each topic by name.")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that an operator decided."""

    folder: Path
    pipeline: PipelineFile
    topics: TopicsFile
    feeds: tuple[Feed, ...]
    coalitions: tuple[Coalition, ...]
    owners: Mapping[str, str]
    """Owner of each outlet that shares one with others."""
    grants: frozenset[Grant] = frozenset()
    """Who may do what on the broker; none where there is no acls.yaml."""

    @property
    def state(self) -> Path:
        """Folder of SQLite files, snapshots and health marks."""
        return self.pipeline.state

    @property
    def ontology_overlay(self) -> Path | None:
        """Folder of an operator's own actors and types, if there is one."""
        overlay = self.folder / "ontology"
        return overlay if overlay.is_dir() else None


ENVIRONMENT: dict[str, tuple[str, ...]] = {
    "BLOCWATCH_KAFKA": ("kafka", "bootstrap"),
    **{name: ("kafka", "security", field) for name, field in SECURITY_ENVIRONMENT.items()},
    "BLOCWATCH_STATE": ("state",),
    "BLOCWATCH_LOG_LEVEL": ("log", "level"),
    "BLOCWATCH_LOG_FORMAT": ("log", "format"),
    "BLOCWATCH_EXTRACTOR_PROCESSES": ("extractor", "processes"),
    "BLOCWATCH_ALLOW_LOCAL_FEEDS": ("poller", "allow_local"),
}
"""Environment variables and the setting in pipeline.yaml that each overrides."""

TOPICS_ENVIRONMENT = {
    "BLOCWATCH_TOPICS_REPLICATION": ("replication",),
    "BLOCWATCH_TOPICS_MIN_INSYNC": ("min_insync",),
}
"""The same for topics.yaml. BLOCWATCH_CONFIG names the folder of both."""


def config_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Find the configuration: BLOCWATCH_CONFIG, else ./config, else the one that the package ships."""
    if named := environ.get("BLOCWATCH_CONFIG"):
        return Path(named)
    package = Path(__file__).parent
    for folder in (Path("config"), package.parent / "config", package / "default_config"):
        if (folder / "pipeline.yaml").is_file():
            return folder
    return Path("config")


def load_settings(folder: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read and check all of the configuration; raises ConfigError that lists every fault."""
    where = folder if folder is not None else config_folder(environ)
    faults: list[str] = []
    pipeline = check_model(
        PipelineFile,
        "pipeline.yaml",
        _read(where, "pipeline.yaml", faults),
        faults,
        _overrides(environ, ENVIRONMENT),
    )
    topics = check_model(
        TopicsFile,
        "topics.yaml",
        _read(where, "topics.yaml", faults),
        faults,
        _overrides(environ, TOPICS_ENVIRONMENT),
    )
    if topics is not None:
        missing = [t.name for t in TOPICS if t.name not in topics.topics]
        faults += [f"topics.yaml:1: add the topic {name!r}" for name in missing]
    feeds = _feeds(where, faults)
    coalitions = _coalitions(where, faults)
    owners = _owners(where, faults)
    grants = _grants(where, topics, faults)
    if faults or pipeline is None or topics is None:
        raise ConfigError([f"{where}/{fault}" for fault in faults])
    return Settings(where, pipeline, topics, feeds, coalitions, owners, grants)


def read_coalitions(path: Path) -> tuple[Coalition, ...]:
    """Read a file in place of config/coalitions.yaml: its coalitions on top of those that are shipped.

    Raises ConfigError that lists every fault.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError([f"{path}:1: cannot be read: {reason}"]) from error
    return load_coalitions([*shipped_coalitions(), (str(path), text)])


def _read(folder: Path, name: str, faults: list[str]) -> str | None:
    try:
        return (folder / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        faults.append(f"{name}:1: this file is missing; name its folder with BLOCWATCH_CONFIG")
    except (OSError, UnicodeDecodeError) as error:
        faults.append(f"{name}:1: cannot be read: {error}")
    return None


def _feeds(folder: Path, faults: list[str]) -> tuple[Feed, ...]:
    text = _read(folder, "feeds.yaml", faults)
    try:
        return () if text is None else load_feeds("feeds.yaml", text)
    except ConfigError as error:
        faults += error.faults
        return ()


def _coalitions(folder: Path, faults: list[str]) -> tuple[Coalition, ...]:
    own = folder / "coalitions.yaml"
    text = _read(folder, own.name, faults) if own.exists() else None
    try:
        return load_coalitions([*shipped_coalitions(), *([] if text is None else [(own.name, text)])])
    except ConfigError as error:
        faults += error.faults
        return ()


def _owners(folder: Path, faults: list[str]) -> Mapping[str, str]:
    own = folder / "owners.yaml"
    text = _read(folder, own.name, faults) if own.exists() else None
    try:
        return {} if text is None else load_owners(own.name, text)
    except ConfigError as error:
        faults += error.faults
        return {}


def _grants(folder: Path, topics: TopicsFile | None, faults: list[str]) -> frozenset[Grant]:
    own = folder / "acls.yaml"
    text = _read(folder, own.name, faults) if own.exists() else None
    known = None if topics is None else {*(topic.name for topic in TOPICS), *topics.topics}
    try:
        return frozenset() if text is None else load_grants(own.name, text, known)
    except ConfigError as error:
        faults += error.faults
        return frozenset()


def _overrides(
    environ: Mapping[str, str], known: Mapping[str, tuple[str, ...]]
) -> dict[tuple[str | int, ...], object]:
    return {path: environ[name] for name, path in known.items() if environ.get(name)}
