"""docs/reference is what the code says; every command is told there."""

from __future__ import annotations

import re

import typer

from pipeline.cli.main import app
from pipeline.cli.reference import pages
from tests.conftest import ROOT


def test_the_reference_is_fresh() -> None:
    for name, text in pages(typer.main.get_command(app)).items():
        assert (ROOT / "docs/reference" / name).read_text() == text, f"stale: run `make schema` ({name})"


def test_links_between_docs_lead_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text())
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []
