"""Something that goes on while a journey is made."""

import threading
from abc import ABC, abstractmethod
from typing import Self


class Beside(ABC):
    """Acts on a thread of its own during the body of a `with`, at whose end it is told: enough.

    What goes wrong on the thread is raised at the end of the body.

    Attributes:
        enough: set at the end of the body.
        in_vain: set, before `enough`, where the body has failed: whatever is still to be done is
            left undone.
    """

    def __init__(self) -> None:
        self.enough = threading.Event()
        self.in_vain = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._error: Exception | None = None

    @abstractmethod
    def act(self) -> None:
        """Do it, until it is enough, or in vain."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self.in_vain.set()
        self.enough.set()
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            self.act()
        except Exception as error:  # noqa: BLE001 - raised where the test can see it
            self._error = error
