"""Loads what an extractor needs once: the ontology with an operator's overlay, the parser, and the model."""

from __future__ import annotations

from pathlib import Path

from pipeline.events.extract import Coder
from pipeline.events.reader import load_reader
from pipeline.events.relations import Relations
from pipeline.ontology.load import load_ontology


def load_coder(overlay: Path | None = None) -> Coder:
    """Build a coder; takes a few seconds. Raises ConfigError when the ontology has faults."""
    return Coder(load_ontology(overlay), load_reader(), Relations())
