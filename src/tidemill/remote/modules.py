"""Modules behind a server; see `modules.store.Modules`."""

from tidemill.modules.record import ModuleRecord
from tidemill.remote.reading import Sent, part, value
from tidemill.remote.wire import Wire


class RemoteModules:
    """The modules behind a server."""

    def __init__(self, wire: Wire) -> None:
        """Ask this server."""
        self._wire = wire

    def find(self) -> list[ModuleRecord]:
        """All of them, by name."""
        return self._wire.get(lambda sent: [_module(each) for each in sent["modules"]], "/modules")

    def get(self, name: str) -> ModuleRecord:
        """One of them.

        Raises:
            NotFound: no node has told of one of this name.
        """
        return self._wire.get(_module, f"/modules/{part(name)}")

    def disable(self, name: str, note: str = "") -> ModuleRecord:
        """Start no job of the module any more, on any node; what runs, runs on."""
        return self._wire.ask(_module, "POST", f"/modules/{part(name)}/disable", {"note": note})

    def enable(self, name: str) -> ModuleRecord:
        """Start jobs of the module again; its schedules go on from now."""
        return self._wire.ask(_module, "POST", f"/modules/{part(name)}/enable")


def _module(sent: Sent) -> ModuleRecord:
    return value(ModuleRecord, sent, at=("changed_at",), name=sent["module"])
