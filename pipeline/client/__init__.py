"""A subscriber's side of blocwatch: `subscribe("metrics", coalition="axis")` gives typed records.

>>> from pipeline.client import subscribe
>>> for metric in subscribe("metrics", coalition="axis", follow=False):  # doctest: +SKIP
...     print(metric.as_of, metric.cohesion, metric.final)
"""

from pipeline.client.changes import Change, changes
from pipeline.client.errors import ForeignRecordError, SubscriptionError
from pipeline.client.subscribe import subscribe

__all__ = ["Change", "ForeignRecordError", "SubscriptionError", "changes", "subscribe"]
