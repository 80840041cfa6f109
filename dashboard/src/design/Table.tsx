import { memo, useCallback, useLayoutEffect, useRef, type ReactNode } from "react";

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
  /** Whether the rows are in the order of this column, the largest first. */
  first?: boolean;
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
  const latest = useRef(chosen);
  useLayoutEffect(() => {
    latest.current = chosen;
  });
  const toggle = useCallback((row: Row, upTo: boolean) => latest.current?.toggle(row, upTo), []);
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
              <th key={column.name} scope="col" className={classOf(column)} {...(column.first ? { "aria-sort": "descending" as const } : {})}>
                {column.unseen ? <span className="hidden">{column.head}</span> : column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, number) => (
            <Line
              key={keyOf(row)}
              row={row}
              name={keyOf(row)}
              columns={columns}
              isAt={at === number}
              isChosen={chosen?.has(row)}
              called={chosen?.nameOf(row)}
              toggle={toggle}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface LineProps<Row> {
  row: Row;
  name: string;
  columns: readonly Column<Row>[];
  isAt: boolean;
  /** `undefined`: it cannot be. */
  isChosen: boolean | undefined;
  called: string | undefined;
  toggle: (row: Row, upTo: boolean) => void;
}

function OneLine<Row>({ row, name, columns, isAt, isChosen, called, toggle }: LineProps<Row>) {
  return (
    <tr
      data-row={name}
      {...(isChosen === undefined ? {} : { "aria-selected": isChosen })}
      {...(isAt ? { "data-at": true } : {})}
    >
      {isChosen === undefined ? null : (
        <td className={styles.tight}>
          <input
            type="checkbox"
            aria-label={called}
            checked={isChosen}
            onChange={(event) => toggle(row, (event.nativeEvent as MouseEvent).shiftKey === true)}
          />
        </td>
      )}
      {columns.map((column) => (
        <Cell key={column.name} column={column} row={row} />
      ))}
    </tr>
  );
}

/** Drawn anew only where something of it is another: to choose one of many is to draw one. */
const Line = memo(OneLine) as typeof OneLine;

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
