"""An engine whose store fails when a test says so, to be lent to the worker's parts."""

from collections.abc import Callable, Generator
from typing import Any

from tidemill.engines.protocol import Engine


class _Failing:
    """A call that raises, waited for or awaited."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def wait(self) -> Any:
        raise self._error

    def __await__(self) -> Generator[Any, None, Any]:
        yield from ()
        raise self._error


class _Port:
    """A port whose verbs ask first whether they may do anything."""

    def __init__(
        self, port: Any, verdict: Callable[[str, tuple[Any, ...]], Exception | None]
    ) -> None:
        self._port = port
        self._verdict = verdict

    def __getattr__(self, verb: str) -> Any:
        def call(*args: Any, **options: Any) -> Any:
            error = self._verdict(verb, args)
            return _Failing(error) if error else getattr(self._port, verb)(*args, **options)

        return call


class TroubledEngine:
    """Passes everything on, except what `errors` or `judge` forbid.

    Attributes:
        errors: what each verb raises for now.
        calls: every verb that was called, with its arguments.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.errors: dict[str, Exception] = {}
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.judge: Callable[[str, tuple[Any, ...]], Exception | None] = lambda _verb, _args: None

    def _verdict(self, verb: str, args: tuple[Any, ...]) -> Exception | None:
        self.calls.append((verb, args))
        return self.errors.get(verb) or self.judge(verb, args)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._engine, name)
        if name in ("jobs", "leases", "reader"):
            return _Port(found, self._verdict)
        return found

    def open(self, *, make: bool = True) -> Any:
        error = self._verdict("open", ())
        return _Failing(error) if error else self._engine.open(make=make)
