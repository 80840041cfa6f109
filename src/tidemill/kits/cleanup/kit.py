"""Cleanup: the module whose job removes what is old."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import tidemill
from tidemill import Concurrency, Module, Priority, Retry, current, millis
from tidemill.kits.cleanup.outcome import Cleaned, Part
from tidemill.kits.cleanup.rules import (
    CacheRule,
    CleanupSettings,
    Delete,
    FileRule,
    RecordRule,
    Rows,
    Rule,
)


class Cleanup(Module):
    """Removes files, cached files, records and rows when they are old.

    What there is to clean is declared, by name, in code or in the settings; a job may name some of
    it and ask for an older age, but never for another folder or a younger one. First all of it is
    counted, then it is removed; a dry run ends in between. No file outside of a declared folder is
    ever touched: links are left alone, and what is mounted below is not entered.

    Event, under the module's name: `cleaned`.

    Attributes:
        clean: the task.

    Example:
        >>> cleanup = Cleanup()
        >>> cleanup.old_files("exports", "/srv/shop/exports", older_than="7d", pattern="*.csv")
        >>> app.enqueue(cleanup.clean.bind(["exports"], dry_run=True))  # doctest: +SKIP
    """

    def __init__(
        self,
        name: str = "cleanup",
        *,
        queue: str = "",
        priority: int = Priority.LOW,
        attempts: int = 3,
        timeout: Any = "1h",
        **module: Any,
    ) -> None:
        """Begin a cleanup; what it cleans is declared on it.

        Args:
            name: the module's, and what its task and event are named after.
            queue: where its jobs wait; by default one of its own.
            priority: of its jobs.
            attempts: starts of a job in all.
            timeout: longest run of one attempt.
            module: what every module may have, such as `permissions`.

        Raises:
            InvalidName: no name for a module, or for a queue.
            InvalidOption: another argument that makes no sense.
        """
        described: dict[str, Any] = {
            "description": "Removes what is old.",
            "settings": CleanupSettings(),
        }
        super().__init__(name, version="1", **(described | module))
        self.rules: dict[str, Rule] = {}
        self.clean = self.task(
            name=f"{name}.clean",
            queue=queue or name,
            priority=priority,
            retry=Retry.exponential(attempts=attempts),
            timeout=timeout,
            concurrency=Concurrency(1),
            give_up_on=(tidemill.errors.MisuseError,),
        )(self._clean)

    def old_files(
        self, name: str, path: str | Path, *, older_than: Any, pattern: str = "*"
    ) -> None:
        """Remove files of a folder, and of those below it, that have not been changed for long.

        Args:
            name: what it is asked for by.
            path: the folder, and no link to one.
            older_than: such as `"30d"`.
            pattern: what their names are like; with `"*"` folders that are empty go, too.

        Raises:
            InvalidOption: a name that is taken, or an argument that makes no sense.
        """
        self._add(name, FileRule(path, older_than, pattern))

    def cache(
        self,
        name: str,
        path: str | Path,
        *,
        unused_for: Any = "30d",
        most_bytes: int | None = None,
    ) -> None:
        """Remove files of a folder when nobody has used them for long, or when there are too many.

        Args:
            name: what it is asked for by.
            path: the folder, and no link to one.
            unused_for: neither read nor changed for so long, as far as the system tells.
            most_bytes: what is beyond goes, too, the longest unused first.

        Raises:
            InvalidOption: a name that is taken, or an argument that makes no sense.
        """
        self._add(name, CacheRule(path, unused_for, most_bytes))

    def old_records(self, name: str, records: Any, *, older_than: Any, at: str = "at") -> None:
        """Remove records whose values say that they are old.

        Args:
            name: what it is asked for by.
            records: such as `app.records("webhook.log")`.
            older_than: such as `"30d"`.
            at: the field that says when: milliseconds since 1970, or a date with a zone.

        Raises:
            InvalidOption: a name that is taken, or no age.
        """
        self._add(name, RecordRule(records, at, older_than))

    def old_rows(
        self, name: str, *, older_than: Any, at_once: int = 1_000
    ) -> Callable[[Delete], Rows]:
        """Remove rows of a database by a function of a moment and a number.

        It deletes at most so many rows from before the moment, and answers how many it has deleted;
        it is called until there are none. `@rule.counted` says how they are counted first.

        Args:
            name: what it is asked for by.
            older_than: such as `"30d"`.
            at_once: rows that it is asked to delete in one call.

        Raises:
            InvalidOption: a name that is taken, or an argument that makes no sense.
        """

        def declare(delete: Delete) -> Rows:
            rows = Rows(delete, name, older_than, at_once)
            self._add(name, rows)
            return rows

        return declare

    def _add(self, name: str, rule: Rule) -> None:
        if name in self.rules:
            raise tidemill.errors.InvalidOption(
                f"module {self.name} cleans {name!r} already", hint="give this another name"
            )
        self.rules[name] = rule

    def _clean(
        self, names: list[str] | None = None, *, dry_run: bool = False, older_than: str = ""
    ) -> Cleaned:
        """Clean what is named, or all of it where nothing is said of names."""
        rules = self._chosen(names)
        now = current().now
        parts = {
            name: Part(name=name, kind=rule.kind, before=now - _age(name, rule, older_than))
            for name, rule in rules.items()
        }
        for name, rule in rules.items():
            rule.count(parts[name], _Telling(f"Counting {name}", 0, 0))
        if not dry_run:
            self._remove(rules, parts)
        done = Cleaned(
            dry_run=dry_run,
            removed=sum(part.found if dry_run else part.removed for part in parts.values()),
            bytes=sum(part.bytes for part in parts.values()),
            parts=list(parts.values()),
        )
        self._tell(done)
        return done

    def _remove(self, rules: dict[str, Rule], parts: dict[str, Part]) -> None:
        total, behind = sum(part.found for part in parts.values()), 0
        trouble: Exception | None = None
        for name, rule in rules.items():
            expected = parts[name].found
            try:
                rule.remove(parts[name], _Telling(f"Removing {name}", behind, total))
            except Exception as error:  # noqa: BLE001 - it is raised when the others are clean
                current().log(f"{name} was not cleaned: {error}", "error", name=name)
                trouble = trouble or error
            behind += expected
        if trouble is not None:
            raise trouble

    def _tell(self, done: Cleaned) -> None:
        job = current()
        for part in done.parts:
            left = {"skipped": part.skipped} if part.skipped else {}
            level = "warning" if part.missing or "refused" in part.skipped else "info"
            said = "its folder is not there" if part.missing else f"{part.found} found"
            job.log(f"{part.name}: {said}, {part.removed} removed", level, **left)
        job.progress(100, f"{done.removed:,} {'would go' if done.dry_run else 'gone'}")
        if not done.dry_run:
            counts = {part.name: part.removed for part in done.parts}
            payload = {"job": job.id, "removed": counts, "bytes": done.bytes}
            self.emit(f"{self.name}.cleaned", payload)

    def _chosen(self, names: list[str] | None) -> dict[str, Rule]:
        settings = current().settings
        rules = dict(self.rules)
        for name, said in settings.folders.items():
            rules.setdefault(name, FileRule(said.path, said.older_than, said.pattern))
        if names is None:
            return rules
        if not names:
            # Whoever has looked for names and found none does not mean everything.
            raise tidemill.errors.InvalidArguments(
                "nothing is named to be cleaned", hint="leave `names` out to clean all there is"
            )
        for name in names:
            if name not in rules:
                raise tidemill.errors.InvalidArguments(
                    f"module {self.name} does not clean {name!r}",
                    hint=f"it cleans {', '.join(rules) or 'nothing yet'}",
                )
        return {name: rules[name] for name in names}


class _Telling:
    """Says how far it has come, and ends it when its job is to stop."""

    def __init__(self, says: str, behind: int, total: int) -> None:
        self._says = says
        self._behind = behind
        self._total = total

    def __call__(self, part: Part) -> None:
        job = current()
        job.raise_if_cancelled()
        done = self._behind + part.removed
        share = min(100 * done / self._total, 100) if self._total else 0
        job.progress(share, f"{self._says}: {part.removed or part.found:,} of {part.seen:,} seen")


def _age(name: str, rule: Rule, older_than: str) -> int:
    """How old it has to be.

    Raises:
        InvalidArguments: younger than was declared, so that more would go.
    """
    if not older_than:
        return rule.age
    age = millis(older_than)
    if age < rule.age:
        raise tidemill.errors.InvalidArguments(
            f"{name} is to be older than was declared, and {older_than!r} is less",
            hint="ask for a longer time, or declare another one",
        )
    return age
