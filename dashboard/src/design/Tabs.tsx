import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";

import styles from "./Tabs.module.css";

interface Tab {
  name: ReactNode;
  key?: string;
  to: string;
  search?: object;
  current: boolean;
}

/** Views of one thing; each is a link, so that it can be kept and sent. */
export function Tabs({ name, tabs }: { name: string; tabs: readonly Tab[] }) {
  return (
    <nav aria-label={name} className={styles.tabs}>
      <ul>
        {tabs.map((tab) => (
          <li key={tab.key ?? String(tab.name)}>
            <Link
              {...({ to: tab.to, search: tab.search ?? {} } as LinkProps)}
              // Else one without a search would be said to be current beside any other.
              activeOptions={{ exact: true, includeSearch: true }}
              {...(tab.current ? { "aria-current": "page" as const } : {})}
            >
              {tab.name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
