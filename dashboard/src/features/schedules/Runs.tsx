import { Table, type Column } from "../../design/Table";
import { useLanguage, useText } from "../../i18n/text";
import { roughly } from "../../time/length";
import { useNow, useZone } from "../../time/clock";
import { clockNote, offsetAt, wallAt } from "../../time/zones";
import { dayIn } from "./words";

interface Row {
  at: number;
  which: number;
}

/** Runs that are ahead, in the zone of their schedule and in one's own, and what the clock does to them. */
export function Runs({ title, ticks, zone, elapsed }: { title: string; ticks: readonly { at: string }[]; zone: string; elapsed: boolean }) {
  const text = useText("schedules");
  const words = text.schedules;
  const { language } = useLanguage();
  const own = useZone().zone;
  const now = useNow();
  const runs = ticks.map((each) => Date.parse(each.at));
  const rows = runs.map((at, which) => ({ at, which }));
  const said = (at: number, where: string) => `${dayIn(at, where, language)} ${wallAt(where, at).slice(11, runs.some((each) => each % 60_000) ? 19 : 16)}`;
  const note = (row: Row) => clockNote(zone, runs, row.which, elapsed);
  const columns: Column<Row>[] = [
    {
      name: "at",
      head: `${words.at}, ${zone.replaceAll("_", " ")}`,
      kind: "name",
      cell: (row) => (
        <time dateTime={new Date(row.at).toISOString()} title={`UTC${offset(offsetAt(zone, row.at))}`}>
          {said(row.at, zone)}
        </time>
      ),
    },
    ...(own === zone
      ? []
      : [{ name: "own", head: words.yours(own.replaceAll("_", " ")), kind: "number" as const, spare: true, cell: (row: Row) => said(row.at, own) }]),
    { name: "in", head: words.away, kind: "number", cell: (row) => row.at - now < 1_000 ? text.common.now : text.common.ahead(roughly(row.at - now, text.common.units)) },
    {
      name: "note",
      head: words.note,
      cell: (row) => {
        const found = note(row);
        return found ? <span>⚠ {words.notes[found]}</span> : null;
      },
    },
  ];
  return <Table title={title} rows={rows} keyOf={(row) => String(row.at)} columns={rows.some(note) ? columns : columns.slice(0, -1)} />;
}

function offset(millis: number): string {
  const minutes = Math.abs(millis) / 60_000;
  const clock = [Math.floor(minutes / 60), minutes % 60].map((each) => String(each).padStart(2, "0")).join(":");
  return `${millis < 0 ? "−" : "+"}${clock}`;
}
