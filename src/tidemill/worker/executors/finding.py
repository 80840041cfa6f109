"""How a child process finds the task of a job: in the application, or where it was written."""

import importlib
import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from tidemill.core.errors import UnknownTask
from tidemill.tasks.declaration import Declaration
from tidemill.tasks.discovery import load
from tidemill.tasks.registry import Registry
from tidemill.worker.executors.wire import Hello


class TaskFinder:
    """Finds declarations by name, each once."""

    def __init__(self, hello: Hello) -> None:
        """Make this process's imports find what the worker's find."""
        self._hello = hello
        self._known: dict[str, Declaration[Any]] = {}
        sys.path[:] = hello.path
        sys.argv[:] = hello.argv
        if hello.python_path is None:
            os.environ.pop("PYTHONPATH", None)
        else:
            os.environ["PYTHONPATH"] = hello.python_path

    def find(self, name: str, module: str) -> Declaration[Any]:
        """The task of this name, whose function was written in this module of the worker's.

        Raises:
            UnknownTask: it is not there; tasks must be declared at the top of a module.
            InvalidOption: the application cannot be imported, or is none.
        """
        if found := self._known.get(name):
            return found
        if self._hello.app is not None:
            found = _registry(load(self._hello.app, object)).get(name)
        else:
            found = _declared(self._import(module), name)
        self._known[name] = found
        return found

    def _import(self, name: str) -> ModuleType:
        """Import a module; the program that was started is another one here, under its own name."""
        if name != "__main__":
            return importlib.import_module(name)
        if self._hello.main_module is not None:
            return importlib.import_module(self._hello.main_module)
        path = Path(self._hello.main or "")
        spec = importlib.util.spec_from_file_location(path.stem, path)
        if spec is None or spec.loader is None:
            raise UnknownTask(
                "tasks that were typed in by hand cannot run in a child process",
                hint="write them into a file",
            )
        module = sys.modules[path.stem] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module


def _registry(app: object) -> Registry:
    registry = getattr(app, "registry", None)
    if not isinstance(registry, Registry):
        raise UnknownTask(f"{app!r} is no application: it has no registry of tasks")
    return registry


def _declared(module: ModuleType, name: str) -> Declaration[Any]:
    """The declaration that a module holds as a task, or that an application in it knows."""
    values = tuple(vars(module).values())
    for value in values:
        declaration = getattr(value, "declaration", None)
        if isinstance(declaration, Declaration) and declaration.name == name:
            return declaration
    for value in values:
        registry = getattr(value, "registry", None)
        if isinstance(registry, Registry) and name in registry:
            return registry.get(name)
    raise UnknownTask(
        f"no task {name!r} was found in the module {module.__name__!r}",
        hint="declare it at the top of the module, or name the application to the worker",
    )
