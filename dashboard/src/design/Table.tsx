import type { ReactNode } from "react";

import styles from "./Table.module.css";
import { shown } from "./visible";

export interface Column<Row> {
  name: string;
  head: string;
  cell: (row: Row) => ReactNode;
  /** `name` heads its row; `number` is lined up at its end; `cut` ends in dots where it is long. */
  kind?: "name" | "number" | "cut" | "tight" | "text";
  /** Whether its head is for those alone who do not see the table. */
  unseen?: boolean;
  /** Left out where there is little room. */
  spare?: boolean;
}

interface Chosen<Row> {
  has: (row: Row) => boolean;
  toggle: (row: Row, upTo: boolean) => void;
  toggleAll: () => void;
  all: boolean;
  nameOf: (row: Row) => string;
  allName: string;
}

interface Props<Row> {
  /** What the table holds, for those who do not see it. */
  title: string;
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  columns: readonly Column<Row>[];
  chosen?: Chosen<Row> | undefined;
  /** Rows that the keyboard stands on. */
  at?: number | undefined;
}

/** Rows under one line of ink; on a phone each row folds into two lines. */
export function Table<Row>({ title, rows, keyOf, columns, chosen, at }: Props<Row>) {
  return (
    <div className={styles.scroll}>
      <table className={`${styles.table} ${styles.folds}`}>
        <caption className="hidden">{title}</caption>
        <thead>
          <tr>
            {chosen ? (
              <th className={styles.tight} scope="col">
                <input
                  type="checkbox"
                  aria-label={chosen.allName}
                  checked={chosen.all}
                  onChange={() => chosen.toggleAll()}
                />
              </th>
            ) : null}
            {columns.map((column) => (
              <th key={column.name} scope="col" className={classOf(column)}>
                {column.unseen ? <span className="hidden">{column.head}</span> : column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, number) => (
            <tr
              key={keyOf(row)}
              data-row={keyOf(row)}
              {...(chosen ? { "aria-selected": chosen.has(row) } : {})}
              {...(at === number ? { "data-at": true } : {})}
            >
              {chosen ? (
                <td className={styles.tight}>
                  <input
                    type="checkbox"
                    aria-label={chosen.nameOf(row)}
                    checked={chosen.has(row)}
                    onChange={(event) => chosen.toggle(row, (event.nativeEvent as MouseEvent).shiftKey === true)}
                  />
                </td>
              ) : null}
              {columns.map((column) => (
                <Cell key={column.name} column={column} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell<Row>({ column, row }: { column: Column<Row>; row: Row }) {
  if (column.kind === "name") {
    return (
      <th scope="row" className={classOf(column)}>
        {shown(column.cell(row))}
      </th>
    );
  }
  return (
    <td className={classOf(column)} {...(column.kind === "number" ? { "data-label": column.head } : {})}>
      {shown(column.cell(row))}
    </td>
  );
}

function classOf<Row>(column: Column<Row>): string {
  return [
    column.kind === "number" && styles.number,
    column.kind === "cut" && styles.cut,
    column.kind === "tight" && styles.tight,
    column.spare && styles.wide,
  ]
    .filter(Boolean)
    .join(" ");
}
