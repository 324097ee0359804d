"""One function over many batches by several processes, the results in the order of the batches."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain
from typing import Any, TypeVar

from curation.errors import TibyanError

AHEAD = 2  # batches a process that are given out before the first one is taken back: what is held stays small
Batch = TypeVar("Batch")
Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
_work: Callable[[Any], Any]  # of a process that was started here


def in_order(
    work: Callable[[Asked], Answer], batches: Iterable[Batch], asked: Callable[[Batch], Asked], processes: int
) -> Iterator[tuple[Batch, Answer]]:
    """Each batch with `work(asked(batch))`. The first is done in this process, so that small inputs start no other.

    What `work` holds is handed over once; only what is asked and answered goes between processes.
    """
    waiting_for = iter(batches)
    for batch in waiting_for:
        yield batch, work(asked(batch))
        if processes > 1:
            break
    second = next(waiting_for, None)
    if second is None:
        return
    pool = ProcessPoolExecutor(processes, initializer=_take_up, initargs=(work,))
    given: deque[tuple[Batch, Future[Answer]]] = deque()
    try:
        for batch in chain((second,), waiting_for):
            given.append((batch, pool.submit(_do, asked(batch))))
            if len(given) > AHEAD * processes:
                first, answer = given.popleft()
                yield first, answer.result()
        for first, answer in given:
            yield first, answer.result()
    except BrokenProcessPool:
        raise TibyanError("a process of this stage was ended from outside, mostly for want of memory. Set TIBYAN_THREADS=1.") from None
    finally:
        pool.shutdown(cancel_futures=True)


def _take_up(work: Callable[[Any], Any]) -> None:
    global _work
    _work = work


def _do(asked: Any) -> Any:
    return _work(asked)
