"""A plain aiokafka loop: read, code, send, commit every so often as the client does by itself."""

from __future__ import annotations

import asyncio

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from benchmarks.peers.work import BOOTSTRAP, GROUP, SINK, SOURCE, coded


async def main() -> None:
    """Run until stopped."""
    consumer = AIOKafkaConsumer(
        SOURCE, bootstrap_servers=BOOTSTRAP, group_id=GROUP, auto_offset_reset="earliest"
    )
    producer = AIOKafkaProducer(bootstrap_servers=BOOTSTRAP)
    await consumer.start()
    await producer.start()
    try:
        async for message in consumer:
            for event in coded(message.value):
                await producer.send(SINK, event)
    finally:
        await consumer.stop()
        await producer.stop()


if __name__ == "__main__":
    asyncio.run(main())
