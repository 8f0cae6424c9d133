"""Print which mutation of undisturbed logs is caught by which checks: python -m tests.chaos.table."""

from __future__ import annotations

import sys

from pipeline.events.extract import Coder
from pipeline.events.reader import load_reader
from pipeline.ontology.load import load_ontology
from pipeline.settings import load_settings
from tests.chaos.calm import calm_logs
from tests.chaos.logs import Logs
from tests.chaos.mutations import mutations
from tests.chaos.news import article, edited, poison
from tests.chaos.oracle import judge
from tests.chaos.standard import Standard


def standard_of_rules() -> Standard:
    """The standard without the relation model: what is coded matters not, only that all agree on it."""
    return Standard(Coder(load_ontology(), load_reader()), load_settings(environ={}))


def undisturbed(standard: Standard) -> Logs:
    """A small run with edits and poison that nothing disturbed."""
    articles = [article(number, seed=1) for number in range(12)]
    return calm_logs([*articles, edited(articles[2])], poison(1), standard)


def caught(standard: Standard) -> dict[str, list[str]]:
    """The checks that see each mutation, by its name; first of all, under "none", what they see in none."""
    logs = undisturbed(standard)
    found = {"none": list(judge(logs, standard))}
    for mutation in mutations(logs):
        found[mutation.name] = list(judge(mutation.logs, standard))
    return found


def main() -> int:
    """Print the table; the exit code is 1 where a mutation went unseen."""
    found = caught(standard_of_rules())
    for name, checks in found.items():
        print(f"{name:62s} {', '.join(checks) or '-'}")
    missed = [name for name, checks in found.items() if bool(checks) == (name == "none")]
    print(f"{len(found) - 1} mutations, {len(missed)} not told apart: {', '.join(missed) or 'none'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
