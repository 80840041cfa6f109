"""Listening from a moment on."""

from queue import SimpleQueue

from tidemill.core.signal import RESYNC, Signal
from tidemill.engines.protocol import Engine


def listening(engine: Engine) -> SimpleQueue[Signal]:
    """What an engine on PostgreSQL comes to hear from now on, of other processes, too."""
    heard: SimpleQueue[Signal] = SimpleQueue()
    engine.signals.listen(heard.put)
    first = heard.get(timeout=20)
    assert first == RESYNC  # said once there is a connection to hear others on
    return heard
