"""What an operator does with the compose files, step by step, and what must hold after each step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.compose.checks import Checks
from tests.compose.engine import WORKERS
from tests.compose.log import Topics

OVERRIDE = "tests/compose/compose.test.yml"


@dataclass(frozen=True, slots=True)
class Scenario:
    """Which compose files, which brokers at which addresses outside, and the walk through them."""

    files: tuple[str, ...]
    brokers: dict[str, str]
    walk: Callable[[Checks], None]


def one_broker(checks: Checks) -> None:
    """Up, read, scaled, down and up again; raises at the first thing that does not hold."""
    engine = checks.engine
    with checks.step("bring everything up"):
        engine.start()
        checks.check(True, "topics ended with status 0; kafka, poller, extractor, aggregator are healthy")
    with checks.step("look into the containers"):
        checks.locked_down()
    with checks.step(f"read coalition metrics from outside, at {checks.bootstrap[0]}"):
        checks.polled()
        first = checks.calm()
        checks.none_doubled(first)
        checks.show_metrics(first)
    with checks.step("scale the extractor to two, then publish another item in each feed"):
        engine.scale(2)
        checks.check(len(engine.containers("extractor")) == 2, "two extractors are healthy")
        checks.members("extractor", 2)
        second = _published(checks, 1, first)
        checks.within_limits()
    with checks.step("take everything down"):
        engine.stop()
        checks.ended_by_themselves()
        engine.down()
        left = [name for service in ("kafka", *WORKERS) for name in engine.containers(service)]
        checks.check(not left, "no container is left")
    with checks.step("bring everything up again, with nothing new in the feeds"):
        engine.start()
        checks.polled()
        third = checks.rest()
        checks.survived(second, third)
        checks.unchanged(second, third)
    with checks.step("publish the last item of each feed"):
        last = _published(checks, 0, third)
        checks.continued(third, last)
        checks.show_metrics(last)
        checks.within_limits()
        checks.never_restarted()


def three_brokers(checks: Checks) -> None:
    """Up, read at every broker, one lost, then another; raises at the first thing that does not hold."""
    engine = checks.engine
    with checks.step("bring everything up"):
        engine.start()
        checks.check(True, "topics ended with status 0; three brokers and all workers are healthy")
        checks.replicated(in_sync=3)
    with checks.step("read coalition metrics from outside, starting at each broker"):
        checks.polled()
        first = checks.calm()
        checks.none_doubled(first)
        checks.show_metrics(first)
        for address in checks.bootstrap:
            checks.check(
                checks.read(address).keys() == first.keys(), f"all topics are readable from {address}"
            )
    with checks.step("kill kafka-2, then publish another item in each feed"):
        engine.kill("kafka-2")
        checks.replicated(in_sync=2)
        second = _published(checks, 1, first)
    with checks.step("start kafka-2 again, kill kafka-3, then publish the last item of each feed"):
        engine.revive("kafka-2")
        checks.replicated(in_sync=3)
        engine.kill("kafka-3")
        checks.replicated(in_sync=2)
        checks.show_metrics(_published(checks, 0, second))
        checks.within_limits()


def _published(checks: Checks, held_back: int, before: Topics) -> Topics:
    """Publish all items but so many, and wait until they have gone all the way; nothing else may change."""
    checks.feeds.publish(held_back)
    fetches = checks.fetches()
    checks.polled(fetches)
    after = checks.calm(before)
    checks.survived(before, after)
    checks.none_doubled(after)
    checks.no_dead_letters(after)
    return after


ONE_BROKER = Scenario(
    ("docker-compose.yml", OVERRIDE),
    {"kafka": "127.0.0.1:9092"},
    one_broker,
)
THREE_BROKERS = Scenario(
    ("docker-compose.yml", "docker-compose.cluster.yml", OVERRIDE),
    {"kafka": "127.0.0.1:9092", "kafka-2": "127.0.0.1:9192", "kafka-3": "127.0.0.1:9292"},
    three_brokers,
)
