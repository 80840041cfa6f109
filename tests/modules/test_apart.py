"""Tasks of a module in child processes: they are found, and held to what the module may do."""

import asyncio

import pytest

from tests.modules import apart
from tidemill.testing import in_memory


@pytest.mark.parametrize("named", [False, True], ids=["where it was written", "by its application"])
def test_a_task_in_a_child_process_is_held_to_its_module_and_has_the_settings_it_can(
    *, named: bool
) -> None:
    with in_memory(apart.app):
        job = apart.app.enqueue(apart.look.bind())
        worker = apart.app.worker(app_ref="tests.modules.apart:app" if named else None)
        asyncio.run(worker.run_until_idle())
        assert job.result(timeout=0) == {
            "module": "apart",
            "word": "mine" if named else "default",
            "refused": "NotPermitted",
        }
