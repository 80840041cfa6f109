import { useSearch } from "@tanstack/react-router";

import { Tabs } from "../../design/Tabs";
import { useText } from "../../i18n/text";
import { Keys } from "./Keys";
import { Tenants } from "./Tenants";
import { Users } from "./Users";
import { usersQuery } from "../../server/access";
import type { Asks } from "../../server/queries";

const TABS = ["users", "keys", "tenants"] as const;
const PAGES = { users: Users, keys: Keys, tenants: Tenants };

export const asks: Asks = ({ may }) => [{ ...usersQuery, enabled: may("users.read") }];

/** Who may come in, as what, with which keys; and how much each tenant may have. */
export function Access() {
  const words = useText("access").access;
  const { tab = "users" } = useSearch({ from: "/inside/access" });
  const Page = PAGES[tab];
  const tabs = (
    <Tabs
      name={words.title}
      tabs={TABS.map((each) => ({
        name: words.tabs[each],
        to: "/access",
        search: each === "users" ? {} : { tab: each },
        current: tab === each,
      }))}
    />
  );
  return <Page tabs={tabs} />;
}
