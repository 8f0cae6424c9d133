"""Prints the cohesion of a coalition: what it is, then whenever it changes: `subscribe.py axis [--once]`

BLOCWATCH_KAFKA names the broker [localhost:9092]. With TLS and a login, set BLOCWATCH_KAFKA_PROTOCOL and the
like (docs/how-to/secure-kafka.md), or give `subscribe` settings of kafka-python (security_protocol=…).
"""

import sys

from pipeline.client import subscribe
from pipeline.contract.errors import PipelineError


def main() -> None:
    """Follow one coalition in the headline view."""
    coalition = sys.argv[1] if len(sys.argv) > 1 else "axis"
    try:
        for metric in subscribe(
            "metrics", coalition=coalition, view="ewm30d", follow="--once" not in sys.argv
        ):
            low, high = metric.ci90
            state = "final" if metric.final else "provisional"
            print(
                f"{metric.as_of:%Y-%m-%d %H:%M}  {metric.cohesion:+.3f} ({low:+.2f} … {high:+.2f})  {state}"
            )
    except PipelineError as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
