"""Exports: the module of the export kit, its task and what it answers."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, Unpack

from msgspec import Struct

from tidemill import Module, current, errors
from tidemill.kits.export.errand import Errand, Terms
from tidemill.kits.export.forms import Format
from tidemill.kits.export.source import Source, read_source
from tidemill.kits.export.trail import ExportedFile
from tidemill.kits.tables.asking import read_filters
from tidemill.kits.tables.manners import Manners, check_length, check_whole, options
from tidemill.kits.tables.naming import check_source
from tidemill.kits.tables.telling import Letterbox, Word

F = TypeVar("F", bound=Callable[..., Any])


class Exported(Struct, frozen=True, kw_only=True):
    """An export that is complete, as its job answers it.

    Attributes:
        format: `"csv"`, `"jsonl"` or `"parquet"`.
        rows: of each table, by its source.
        files: one for each table.
    """

    format: Format
    rows: dict[str, int]
    files: list[ExportedFile]


class Exports(Module):
    """Exports tables, however large, a piece at a time.

    The application registers sources, each a function that answers the rows that come next; the
    task `run` writes the tables of some as CSV, JSON Lines or Parquet, keeps each as a file, and
    answers links to them that expire. What a worker has written when it is killed is not written
    again: another one goes on behind it.

    Attributes:
        run: the task.

    Example:
        >>> exports = Exports("shop-export")
        >>> @exports.source("orders", columns={"id": int, "total": float}, key="id")
        ... def orders(after: int | None, limit: int) -> list[tuple]:
        ...     return [(7, 12.5)] if after is None else []
        >>> exports.run.name
        'shop-export.run'
    """

    def __init__(
        self,
        name: str = "export",
        *,
        email: Letterbox | None = None,
        rows: int = 10_000_000,
        part: int = 50_000,
        keep: str = "7d",
        links: str = "24h",
        formulas: bool = False,
        needs: Iterable[str] = (),
        **manners: Unpack[Manners],
    ) -> None:
        """Make the kit; an application registers its sources, and includes it.

        Args:
            name: of the module; two applications in one store need two.
            email: an e-mail kit, which the application includes, too: it sends word of exports.
            rows: that an export may have in all its tables.
            part: rows that are kept at a time: so many are done again when a worker is killed.
            keep: files are deleted after so long.
            links: to them lead nowhere after so long.
            formulas: leave texts in CSV that a spreadsheet takes for formulas as they are.
            needs: services that its sources use.
            manners: how its jobs run: `queue`, `attempts` (3), `backoff` (2 s), `timeout` (10 min;
                the next attempt goes on where one ended) and `priority`.

        Raises:
            InvalidOption: something that makes no sense.
            InvalidName: no name for a module or a queue.
        """
        super().__init__(
            name,
            version="1.0.0",
            description="Exports tables as CSV, JSON Lines and Parquet.",
            needs=["files", *needs],
        )
        self._word = Word(name, email)
        self._terms = Terms(
            rows=check_whole("rows", rows),
            part=check_whole("part", part),
            keep=check_length("keep", keep),
            links=check_length("links", links),
            formulas=formulas,
        )
        self._sources: dict[str, Source] = {}
        how = options(name, manners, timeout="10m")
        self.run = self.task(name=f"{name}.run", **how)(self._run)

    def source(
        self,
        name: str,
        *,
        columns: Mapping[str, type],
        key: str = "id",
        chunk: int = 5_000,
        count: Callable[..., Any] | None = None,
    ) -> Callable[[F], F]:
        """Register where the rows of a table come from, as `@exports.source("stations", ...)`.

        The function takes `after` and `limit`, and `filters` if it likes, and answers, async or
        not, at most so many rows whose key is behind `after`, in the order of the key. `after` is
        `None` at first, and then a plain JSON value: a day is its text. The end is where it answers
        no row. A row is the values in order, a mapping, or an object with attributes. Filters are
        as in reports.

        Args:
            name: what `run` is asked for.
            columns: what each holds, in their order: `bool`, `int`, `float`, `str`, `bytes`,
                `Decimal`, `date`, `datetime`, or `dict` and `list`, which become JSON.
            key: the column that tells each row from all others, and that they are in the order of.
            chunk: rows that are asked for at once, up to 100,000.
            count: takes `filters`, if it likes, and answers how many rows there are, so that
                progress can be told in percent.

        Raises:
            InvalidName: a name with characters that are not allowed.
            InvalidOption: a name twice, a column of another kind, or a key that is no column.
        """
        check_source("export", name, self._sources)

        def register(function: F) -> F:
            self._sources[name] = read_source(name, function, columns, key, chunk, count)
            return function

        return register

    @property
    def sources(self) -> tuple[str, ...]:
        """What tables there are."""
        return tuple(self._sources)

    def _run(
        self,
        sources: list[str],
        format: Format = "csv",  # noqa: A002 - what people call it
        filters: dict[str, dict[str, Any]] | None = None,
        to: list[str] | None = None,
    ) -> Exported:
        """Export tables, each as a file.

        Args:
            sources: whose tables, as they were registered.
            format: `"csv"`, `"jsonl"` or `"parquet"`.
            filters: which rows are meant, by source and name.
            to: addresses that are sent links; the kit needs an e-mail kit for that.

        Raises:
            InvalidArguments: no such source or filter, an address that is none, or a row that does
                not fit the columns.
            AnswerTooLarge: it has more rows than it may have.
            InvalidOption: a library is missing.
        """
        job = current()
        chosen = self._chosen(sources, filters or {})
        self._word.check(to or [])
        errand = Errand(job, format, self._terms)
        for place, (source, wanted) in enumerate(chosen, 1):
            errand.export(source, wanted, step=place, of=len(chosen))
        exported = Exported(
            format=format,
            rows={each.source: each.rows for each in errand.done},
            files=errand.done,
        )
        self._tell(exported, to or [])
        return exported

    def _chosen(
        self, sources: list[str], filters: dict[str, dict[str, Any]]
    ) -> list[tuple[Source, Any]]:
        """The sources that are meant, each with its filters."""
        there = f"it has {', '.join(sorted(self._sources)) or 'none'}"
        chosen = list(dict.fromkeys(sources))
        if not chosen:
            raise errors.InvalidArguments("no table is to be exported", hint=there)
        if strange := [name for name in chosen if name not in self._sources]:
            raise errors.InvalidArguments(f"{self.name} has no export {strange[0]!r}", hint=there)
        if strange := sorted(filters.keys() - set(chosen)):
            raise errors.InvalidArguments(
                f"there are filters for {strange[0]!r}, which is not to be exported",
                hint="write filters={source: {name: value}}",
            )
        known = [self._sources[name] for name in chosen]
        return [
            (
                source,
                read_filters(
                    filters.get(source.name, {}), source.wanted, f"the export {source.name}"
                ),
            )
            for source in known
        ]

    def _tell(self, exported: Exported, to: list[str]) -> None:
        """Say that it is complete: by an event, and by mail to whoever wants it."""
        files = {each.source: each.file.id for each in exported.files}
        told: Mapping[str, Any] = {
            "job": current().id,
            "format": exported.format,
            "rows": exported.rows,
            "files": files,
        }
        self.emit(f"{self.name}.completed", told)
        lines = [f"{each.source}, {each.rows:,} rows: {each.url}" for each in exported.files]
        text = "\n".join(["Your export is ready:", "", *lines, ""])
        self._word.send(to, f"Your export is ready: {', '.join(exported.rows)}", text)
