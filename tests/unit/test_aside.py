"""Work beside an event loop."""

from __future__ import annotations

import asyncio
import threading

import pytest

from pipeline.transport.aside import Aside


def test_one_thread_does_everything_one_piece_after_another() -> None:
    at_work: list[int] = []
    most: list[int] = []
    threads: set[int] = set()

    def work(number: int) -> int:
        at_work.append(number)
        most.append(len(at_work))
        threads.add(threading.get_ident())
        at_work.remove(number)
        return number

    async def many() -> list[int]:
        aside = Aside("test")
        first = [await aside.run(work, number) for number in range(200)]
        return first + list(await asyncio.gather(*(aside.run(work, number) for number in range(200))))

    assert asyncio.run(many()) == [*range(200), *range(200)]
    assert max(most) == 1
    assert len(threads) == 1


def test_what_the_work_raises_is_raised() -> None:
    async def failing() -> None:
        await Aside("test").run(int, "no number")

    with pytest.raises(ValueError, match="invalid literal"):
        asyncio.run(failing())


def test_who_is_cancelled_leaves_its_work_to_end_before_the_next_begins() -> None:
    begun, go_on = threading.Event(), threading.Event()
    order: list[str] = []

    def slow() -> None:
        begun.set()
        go_on.wait(10)
        order.append("slow")

    async def both() -> None:
        aside = Aside("test")
        task = asyncio.create_task(aside.run(slow))
        while not begun.is_set():
            await asyncio.sleep(0.01)
        task.cancel()
        later = asyncio.create_task(aside.run(order.append, "next"))
        await asyncio.sleep(0.1)
        go_on.set()
        await later

    asyncio.run(both())
    assert order == ["slow", "next"]
