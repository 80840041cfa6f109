"""Draws the states of a job from the code: `python -m tests.house.states` writes the page."""

from typing import Final

from tests.house.source import ROOT
from tidemill.core.change import FROM
from tidemill.core.state import ALLOWED, FINISHED, State

PAGE: Final = ROOT / "docs" / "reference" / "states.md"

MEANINGS: Final = {
    State.SCHEDULED: "due later: delayed or snoozed",
    State.BLOCKED: "parked at a gate: waits for other jobs, for room under a limit, for its task",
    State.WAITING: "in the line: the next free worker takes it",
    State.RUNNING: "a worker holds it under its lease",
    State.RETRYING: "it failed and will run again at a known time",
    State.COMPLETED: "done, with its result",
    State.FAILED: "its attempts are spent, or trying again cannot help: the dead letters",
    State.CANCELLED: "ended by a person, a policy, or its expiry",
}


def render() -> str:
    """The page, as the code has it."""
    lines = ["# The states of a job", "", "```mermaid", "stateDiagram-v2"]
    lines += [f"    [*] --> {state}" for state in (State.WAITING, State.SCHEDULED, State.BLOCKED)]
    for state, following in ALLOWED.items():
        lines += [f"    {state} --> {other}" for other in sorted(following) if other != state]
    lines += [f"    {state} --> [*]" for state in sorted(FINISHED)]
    lines += ["```", "", "| state | means |", "|---|---|"]
    lines += [f"| `{state}` | {MEANINGS[state]} |" for state in State]
    lines += ["", "## What a person may ask for", "", "| change | from |", "|---|---|"]
    for change, states in FROM.items():
        told = ", ".join(f"`{state}`" for state in State if state in states)
        lines.append(f"| {change.__name__} | {told} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(render())
