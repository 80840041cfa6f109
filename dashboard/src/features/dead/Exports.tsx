import { Menu } from "../../design/Menu";
import { useText } from "../../i18n/text";
import { now } from "../../time/clock";
import styles from "./List.module.css";
import { csv, keep, ndjson, type Row } from "./export";

/** Keeps what is shown as a file. */
export function Exports({ rows, name }: { rows: readonly Row[]; name: string }) {
  const text = useText("dead").dead;
  const file = `${name}-${new Date(now()).toISOString().slice(0, 19).replaceAll(":", "")}`;
  return (
    <span className={styles.export}>
      <Menu
        name={text.exportAs}
        items={[
          { name: text.ndjson, act: () => keep(`${file}.ndjson`, "application/x-ndjson", ndjson(rows)) },
          { name: text.csv, act: () => keep(`${file}.csv`, "text/csv;charset=utf-8", csv(rows)) },
        ]}
      />
    </span>
  );
}
