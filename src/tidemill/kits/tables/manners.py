"""How the jobs of a kit run, where that is not as usual."""

from typing import Any, Final, TypedDict

from tidemill import Priority, Retry, errors, millis


class Manners(TypedDict, total=False):
    """What may be said of the jobs of a kit.

    Attributes:
        queue: that they wait in; by default called as the module.
        attempts: how often one starts, at most; by default three times.
        backoff: the first wait before it is tried again, then twice as long, and so on; by
            default 2 s.
        timeout: how long an attempt may take.
        priority: -100 to 100, larger sooner.
    """

    queue: str
    attempts: int
    backoff: str
    timeout: str
    priority: int


class Options(TypedDict):
    """The same as options of a task."""

    queue: str
    retry: Any
    timeout: str
    priority: int
    give_up_on: tuple[type[Exception], ...]


HOPELESS: Final = (errors.AnswerTooLarge, errors.MisuseError)
"""What no other attempt would do better."""


def options(module: str, manners: Manners, *, timeout: str) -> Options:
    """The options of a kit's task.

    Args:
        module: its name.
        manners: what was said.
        timeout: where nothing is said of that.

    Raises:
        InvalidOption: something that cannot be said.
    """
    known = Manners.__annotations__
    if strange := sorted(set(manners) - set(known)):
        raise errors.InvalidOption(
            f"{module} cannot be made with {strange[0]!r}", hint=f"there are {', '.join(known)}"
        )
    return Options(
        queue=manners.get("queue") or module,
        retry=Retry.exponential(
            attempts=manners.get("attempts", 3), base=manners.get("backoff", "2s")
        ),
        timeout=manners.get("timeout", timeout),
        priority=manners.get("priority", Priority.NORMAL),
        give_up_on=HOPELESS,
    )


def check_whole(option: str, number: int) -> int:
    """The number, if there can be so many of something.

    Raises:
        InvalidOption: there cannot.
    """
    if number < 1:
        raise errors.InvalidOption(f"{option}={number!r} is not possible", hint="from 1")
    return number


def check_length(option: str, written: str) -> str:
    """A length of time as it is written, if files or links can last so long.

    Raises:
        InvalidOption: it is none, or nothing.
    """
    if not millis(written):
        raise errors.InvalidOption(f"{option}={written!r} is not possible", hint='write "7d"')
    return written
