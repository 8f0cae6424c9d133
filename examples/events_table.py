"""Keeps a table of the events that stand, from a topic that also carries corrections and withdrawals.

`python events_table.py` prints what stands now, by type. The rule is in `keep`: of an `event_id` the highest
`revision` counts, and a retracted one is gone. It gives the same table in whatever order records come.
"""

import sys
from collections import Counter

from pipeline.client import subscribe
from pipeline.contract.errors import PipelineError
from pipeline.contract.event import Event


def keep(table: dict[str, Event], event: Event) -> None:
    """Take one record in; a withdrawal stays as such, so that an older copy does not come back."""
    known = table.get(event.event_id)
    if known is None or event.revision >= known.revision:
        table[event.event_id] = event


def main() -> None:
    """Count what stands at the topic's present end."""
    table: dict[str, Event] = {}
    try:
        for event in subscribe("events", follow=False):
            keep(table, event)
    except PipelineError as error:
        sys.exit(f"{error}")
    for kind, count in Counter(event.type for event in table.values() if not event.retracted).most_common():
        print(f"{count:6d}  {kind}")


if __name__ == "__main__":
    main()
