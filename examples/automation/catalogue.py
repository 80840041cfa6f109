"""The catalogue: which modules there are, and what their handlers take."""

from collections.abc import Iterator
from typing import Any, Final

from examples.automation.definition import DEFAULT_TIMEOUT, JobDefinition
from tidemill import Module, Tidemill
from tidemill.errors import InvalidOption

_CONTEXT: Final = "context"


class Catalogue:
    """The modules of an application, as its manifests have them."""

    def __init__(self, app: Tidemill) -> None:
        """Know those that this application includes."""
        self._app = app

    def modules(self) -> dict[str, Module]:
        """Those that have a manifest, by name."""
        found = self._app.included.modules
        return {name: each for name, each in sorted(found.items()) if each.place.endswith(".json")}

    def runs(self, task: str) -> bool:
        """Whether a task is one of theirs."""
        return any(task in module.tasks for module in self.modules().values())

    def queues(self) -> list[str]:
        """Where jobs wait, those of modules without a manifest as well."""
        modules = self._app.included.modules.values()
        return sorted({task.options.queue for each in modules for task in each.tasks.values()})

    def handlers(self) -> Iterator[tuple[str, str]]:
        """Module and name of every handler that takes a context, and so can be defined as a job."""
        for module in self.modules().values():
            for task in module.tasks:
                if task not in module.handlers:
                    yield module.name, task.removeprefix(f"{module.name}.")

    def listeners(self) -> set[str]:
        """The tasks that events call."""
        return {task for module in self.modules().values() for task in module.handlers}

    def knows(self, definition: JobDefinition) -> bool:
        """Whether there is the handler of a definition."""
        return (definition.module_id, definition.handler) in set(self.handlers())

    def check(self, definition: JobDefinition) -> None:
        """See to it that there is the handler of a definition.

        Raises:
            InvalidOption: there is none.
        """
        known = [*self.handlers()]
        mine = [handler for module, handler in known if module == definition.module_id]
        if not mine:
            names = ", ".join(sorted({module for module, _ in known})) or "none"
            raise InvalidOption(
                f"there is no module {definition.module_id!r}", hint=f"there are {names}"
            )
        if definition.handler not in mine:
            raise InvalidOption(
                f"module {definition.module_id} has no handler {definition.handler!r}",
                hint=f"it has {', '.join(mine)}",
            )

    def takes(self, module: str, handler: str) -> dict[str, Any]:
        """JSON Schema of the configuration of a handler; what a form for it is made of."""
        schema = self._app.registry.get(f"{module}.{handler}").signature.schema()
        context = _resolved(schema, schema["properties"][_CONTEXT])
        config = _resolved(schema, context["properties"]["config"])
        own = (context, config)
        parts = {name: each for name, each in schema.get("$defs", {}).items() if each not in own}
        return {**config, "$defs": parts} if parts else config

    def defined(self, module: Module) -> Iterator[JobDefinition]:
        """The jobs that a manifest defines, as definitions."""
        for name, task in module.tasks.items():
            if name in module.handlers:
                continue
            handler = name.removeprefix(f"{module.name}.")
            options, recurs = task.options, module.schedules.get(name)
            yield JobDefinition(
                id=name,
                name=handler.replace("_", " ").capitalize(),
                description=(task.declaration.function.__doc__ or "").partition("\n")[0],
                module_id=module.name,
                handler=handler,
                schedule=recurs.options.get("pattern", "") if recurs else "",
                timezone=recurs.options.get("tz", "UTC") if recurs else "UTC",
                timeout=DEFAULT_TIMEOUT if options.timeout is None else int(options.timeout),
                retries=options.retry.attempts - 1,
                origin="manifest",
            )


def _resolved(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """A part of a schema that may stand elsewhere in it."""
    named = part.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = schema["$defs"][named] if named else part
    return found
