import { useNavigate } from "@tanstack/react-router";

import { Menu } from "../design/Menu";
import { useText } from "../i18n/text";
import { remove } from "../server/http";
import { client } from "../server/queries";
import { useSession } from "../server/session";
import { setTheme, theme, THEMES } from "./theme";

/** Who is logged in, and what is theirs: how it looks, and the way out. */
export function Me() {
  const text = useText().shell;
  const session = useSession();
  const navigate = useNavigate();
  const leave = async () => {
    await remove("/api/v1/session");
    client.clear();
    await navigate({ to: "/login" });
  };
  return (
    <Menu
      name={session.full_name || session.user}
      items={[
        ...THEMES.map((each) => ({
          name: text.themes[each],
          chosen: theme() === each,
          act: () => setTheme(each),
        })),
        { name: text.settings, act: () => void navigate({ to: "/settings" }) },
        ...(session.kind === "user" ? [{ name: text.leave, act: () => void leave() }] : []),
      ]}
    />
  );
}
