"""The short way that was found shut is tried again, whoever asked for it at one moment."""

import sys
import threading
from types import FrameType
from typing import Any

from tidemill.engines.postgres.jobs import _DETOURS, _Way


def detour(way: _Way, times: int) -> None:
    for _ in range(times):
        assert not way.is_open()


def test_a_shut_way_is_tried_again_after_some_detours() -> None:
    way = _Way()
    assert way.is_open()
    way.shut()
    detour(way, _DETOURS)
    assert way.is_open()


def test_two_who_take_the_last_detour_at_one_moment_do_not_shut_the_way_for_good() -> None:
    way = _Way()
    way.shut()
    detour(way, _DETOURS - 1)
    line = threading.Barrier(2)

    def stop_before_the_second_line(frame: FrameType, event: str, _: Any) -> Any:
        """Let neither count before both have looked."""
        if event != "call" or frame.f_code is not _Way.is_open.__code__:
            return None
        looked = 0

        def local(_: FrameType, event: str, __: Any) -> Any:
            nonlocal looked
            looked += event == "line"
            if looked == 2:
                line.wait(10)
            return local

        return local

    def ask() -> None:
        sys.settrace(stop_before_the_second_line)
        answers.append(way.is_open())
        sys.settrace(None)

    answers: list[bool] = []
    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [False, False]
    assert way.is_open()
