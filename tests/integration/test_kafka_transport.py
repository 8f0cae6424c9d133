"""The Kafka transport on a real broker: publishing, laying out topics, reading to the end, memory."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from kafka.errors import KafkaTimeoutError

from pipeline.contract.errors import DependencyError
from pipeline.transport.kafka import KafkaPublisher, latest, require_topics, tail, wait_for_broker
from pipeline.transport.layout import Layout, apply, compare
from tests.kafka_broker import Broker, available

pytestmark = pytest.mark.kafka


def test_layout_creates_mends_and_then_agrees(broker: str) -> None:
    wanted = {"a": Layout(1, 1, {"cleanup.policy": "delete", "retention.ms": "1000000"})}
    assert [d.words for d in compare(broker, wanted)] == ["missing; wanted 1 partition(s)"]
    apply(broker, wanted)
    assert compare(broker, wanted) == []
    grown = {"a": Layout(3, 1, {"cleanup.policy": "delete", "retention.ms": "2000000"})}
    assert {d.words for d in apply(broker, grown)} == {
        "1 partition(s), wanted 3",
        "retention.ms is 1000000, wanted 2000000",
    }
    assert compare(broker, grown) == []
    assert [d.mendable for d in apply(broker, {"a": Layout(2, 1, {})})] == [False]


def test_what_is_published_is_read_back_with_keys_and_headers(broker: str) -> None:
    apply(broker, {"t": Layout(2, 1, {})})
    publisher = KafkaPublisher(broker, 1_000_000, 30)
    for number in range(3000):  # more than the byte budget, so that sending has to wait
        publisher.send("t", f"k{number}", b"x" * 1000, (("h", b"v"),))
    publisher.flush()
    publisher.send("t", b"\xff".decode("utf-8", "surrogateescape"), b"odd key")
    publisher.close()
    messages = list(tail(broker, ["t"]))
    assert len(messages) == 3001
    assert {m.key for m in messages} == {b"\xff", *(f"k{n}".encode() for n in range(3000))}
    assert all(m.headers == (("h", b"v"),) for m in messages if m.key != b"\xff")


def test_latest_is_what_compaction_leaves(broker: str) -> None:
    apply(broker, {"c": Layout(1, 1, {"cleanup.policy": "compact"})})
    publisher = KafkaPublisher(broker, 1_000_000, 30)
    for key, value in (("a", b"1"), ("b", b"1"), ("a", b"2"), ("b", b"")):
        publisher.send("c", key, value)
    publisher.close()
    assert latest(broker, "c") == {"a": b"2"}


def test_faults_are_named_with_what_to_do(broker: str) -> None:
    with pytest.raises(DependencyError, match="topics apply"):
        list(tail(broker, ["missing"]))
    with pytest.raises(DependencyError, match="missing topics: missing"):
        require_topics(broker, ["missing"], timeout_s=1)
    with pytest.raises(DependencyError, match=r"no Kafka broker answers at 127\.0\.0\.1:1"):
        wait_for_broker("127.0.0.1:1", 1)


def test_a_record_too_large_is_a_named_fault_not_a_silent_loss(broker: str) -> None:
    apply(broker, {"small": Layout(1, 1, {"max.message.bytes": "2000"})})
    publisher = KafkaPublisher(broker, 1_000_000, 10)
    publisher.send("small", "k", b"".join(n.to_bytes(2, "big") for n in range(60_000)))
    with pytest.raises(DependencyError, match="not delivered"):
        publisher.flush()


def send_and_flush(publisher: KafkaPublisher, value: bytes) -> None:
    """Publish one record and wait for its acknowledgement."""
    publisher.send("t", "k", value)
    publisher.flush()


def test_a_publisher_works_again_after_the_broker_was_away_too_long() -> None:
    if reason := available():
        pytest.skip(f"LEFT OUT: no Kafka broker can run here: {reason}")
    with Broker() as running:
        apply(running.bootstrap, {"t": Layout(1, 1, {})})
        publisher = KafkaPublisher(running.bootstrap, 1_000_000, 8)
        send_and_flush(publisher, b"before")
        running.stop()
        with pytest.raises(DependencyError):
            send_and_flush(publisher, b"lost")
        running.start()
        send_and_flush(publisher, b"arrives")
        assert b"arrives" in [m.value for m in tail(running.bootstrap, ["t"])]
        publisher.close()


WORKER = """
    import asyncio, sys
    from pathlib import Path
    from faust.transport.consumer import Consumer
    from faust.transport.drivers.aiokafka import Producer
    from pipeline.transport.changelog import Changelog
    from pipeline.transport.stream import Stream, StreamSettings
    bootstrap, folder, fail_at = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    seen, kept, memory = 0, None, Changelog(bootstrap, "memory", 30)
    async def never(*_, **__):
        await asyncio.sleep(3600)
    def forget():
        global kept
        kept = None
    async def handle(messages):
        global seen, kept
        if kept is None:
            kept = memory.take_over()
        batch = {}
        for message in messages:
            seen += 1
            if seen == fail_at:
                if "stuck-end" in sys.argv:
                    Producer.flush = never
                raise RuntimeError("told to fail")
            batch[message.key.decode()] = message.value
        if "slow-seek" in sys.argv:
            await asyncio.sleep(0.2)  # the stream's queue is full meanwhile, and more waits before it
        memory.write(batch)
        kept |= batch
        print(len(kept), flush=True)
    stream = Stream(StreamSettings("g", bootstrap, 50, 0.2, folder), "in", handle, lambda: None)
    def slowly(seek):
        async def sought(consumer):
            await asyncio.sleep(2.5)  # long enough for what flows too early to be fetched
            await seek(consumer)
        return sought
    if "slow-seek" in sys.argv:
        Consumer.perform_seek = slowly(Consumer.perform_seek)
    stream.on_move(forget)
    stream.run()
"""
IN_AND_MEMORY = {"in": Layout(1, 1, {}), "memory": Layout(1, 1, {"cleanup.policy": "compact"})}


@pytest.mark.parametrize(("manner", "records"), [("as-is", 200), ("slow-seek", 900)])
def test_a_batch_that_fails_is_read_again_and_the_memory_survives(
    broker: str, tmp_path: Path, manner: str, records: int
) -> None:
    """A slow seek shows what would be lost if records came before the group's place was found."""
    apply(broker, IN_AND_MEMORY)
    publisher = KafkaPublisher(broker, 1_000_000, 30)
    for number in range(records):
        publisher.send("in", f"k{number}", str(number).encode())
    publisher.close()
    script = tmp_path / "worker.py"
    script.write_text(textwrap.dedent(WORKER))

    output = tmp_path / "output"

    def start(fail_at: int) -> subprocess.Popen[bytes]:
        with output.open("wb") as out:
            command = [sys.executable, str(script), broker, str(tmp_path / "faust"), str(fail_at), manner]
            return subprocess.Popen(command, stdout=out, stderr=out)

    failing = start(fail_at=120)
    assert failing.wait(60) == 1
    assert "told to fail" in output.read_text()
    good = start(fail_at=0)
    began = time.monotonic()
    while str(records) not in output.read_text().splitlines() and time.monotonic() - began < 40:
        time.sleep(0.2)
    good.terminate()
    assert good.wait(10) == 0, output.read_text()
    assert str(records) in output.read_text().splitlines()


def test_a_worker_that_fails_ends_even_where_its_shutdown_hangs(broker: str, tmp_path: Path) -> None:
    apply(broker, IN_AND_MEMORY)
    publisher = KafkaPublisher(broker, 1_000_000, 30)
    publisher.send("in", "k", b"v")
    publisher.close()
    script, output = tmp_path / "worker.py", tmp_path / "output"
    script.write_text(textwrap.dedent(WORKER))
    command = [sys.executable, str(script), broker, str(tmp_path / "faust"), "1", "stuck-end"]
    with output.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as worker:
        try:
            assert worker.wait(120) == 1
        finally:
            worker.kill()
    assert "told to fail" in output.read_text()


def test_publishing_does_not_block_an_event_loop_for_long(broker: str) -> None:
    apply(broker, {"t": Layout(1, 1, {})})
    publisher = KafkaPublisher(broker, 1_000_000, 30)

    async def work() -> float:
        publisher.send("t", "k", b"v")
        began = time.monotonic()
        flushing = asyncio.create_task(asyncio.to_thread(publisher.flush))
        await asyncio.sleep(0)
        waited = time.monotonic() - began
        await flushing
        return waited

    assert asyncio.run(work()) < 0.5
    publisher.close()


def test_a_publisher_whose_producer_is_stuck_goes_on_with_another(
    broker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """kafka-python 3.0.12 now and then never sends again once a record has expired: its flush is in vain."""
    apply(broker, {"t": Layout(1, 1, {})})
    publisher = KafkaPublisher(broker, 1_000_000, 5)
    send_and_flush(publisher, b"before")
    stuck = publisher._flight.producer

    def in_vain(timeout: float) -> None:
        raise KafkaTimeoutError("Timeout waiting for future")

    monkeypatch.setattr(stuck, "flush", in_vain)
    with pytest.raises(DependencyError, match="did not acknowledge"):
        send_and_flush(publisher, b"perhaps")
    send_and_flush(publisher, b"after")
    assert publisher._flight.producer is not stuck
    assert stuck._sender.is_alive() is False
    assert [m.value for m in tail(broker, ["t"])][-1] == b"after"
    publisher.close()


def test_a_publisher_closes_while_the_broker_is_away() -> None:
    if reason := available():
        pytest.skip(f"LEFT OUT: no Kafka broker can run here: {reason}")
    with Broker() as running:
        apply(running.bootstrap, {"t": Layout(1, 1, {})})
        publisher = KafkaPublisher(running.bootstrap, 1_000_000, 20)
        send_and_flush(publisher, b"before")
        running.kill()
        publisher.send("t", "k", b"never")
        began = time.monotonic()
        publisher.close()
        assert time.monotonic() - began < 15
