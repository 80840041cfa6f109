import { Fragment, type ReactNode } from "react";

import styles from "./Facts.module.css";
import { shown } from "./visible";

/** Named facts about one thing; what is empty is left out. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className={styles.facts}>
      {facts
        .filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== false)
        .map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{shown(value)}</dd>
          </Fragment>
        ))}
    </dl>
  );
}
