"""Found by Python at its start: `time.sleep` under libfaketime, which breaks Python's own.

With the monotonic clock left true, its clock_nanosleep answers "invalid argument" to whoever sleeps until a
moment of that clock, as Python does since 3.11; kafka-python sleeps before it asks again for a transaction.
"""

import select
import time


def _sleep(seconds: float) -> None:
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select([], [], [], seconds)


time.sleep = _sleep
