"""`python -m pipeline.cli` is `blocwatch`."""

from pipeline.cli.main import run

run()
