"""Published tables of states' capabilities in; each state's share in a year out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

from pydantic import BaseModel, ConfigDict, Field, RootModel

from pipeline.contract.errors import ConfigError
from pipeline.ontology.yamlfile import check_model
from pipeline.shipped import require_shipped


class CapabilityTable(BaseModel):
    """One source: what it measures, whom to cite, and its figures by year and state (ISO 3166 alpha-3)."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    title: str = Field(min_length=1)
    citation: str = Field(min_length=1)
    url: str = Field(pattern=r"^https://")
    licence: str = Field(min_length=1)
    unit: str = Field(min_length=1)
    years: dict[int, dict[str, float]] = Field(min_length=1)

    def shares(self, year: int) -> Mapping[str, float]:
        """Each state's share of the total of the states listed that year; KeyError for a year not listed."""
        figures = self.years[year]
        total = sum(figures[code] for code in sorted(figures))
        return {code: figure / total for code, figure in figures.items()}


class _File(RootModel[dict[str, CapabilityTable]]):
    pass


@lru_cache(maxsize=1)
def capability_tables() -> Mapping[str, CapabilityTable]:
    """Read the tables that come with the package, by name of the source. Raises ConfigError."""
    faults: list[str] = []
    found: dict[str, CapabilityTable] = {}
    require_shipped("pipeline/ontology/capability")
    folder = resources.files("pipeline.ontology") / "capability"
    for file in sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name):
        model = check_model(_File, f"capability/{file.name}", file.read_text(encoding="utf-8"), faults)
        found.update(model.root if model is not None else {})
    if faults:
        raise ConfigError(faults)
    return found
