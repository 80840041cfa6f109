import { useNavigate } from "@tanstack/react-router";

import { Menu } from "../design/Menu";
import { useText } from "../i18n/text";
import { leave, useSession } from "../server/session";
import { setTheme, THEMES, useTheme } from "./theme";

/** Who is logged in, and what is theirs: how it looks, and the way out. */
export function Me() {
  const text = useText("shell").shell;
  const session = useSession();
  const navigate = useNavigate();
  const now = useTheme();
  return (
    <Menu
      name={session.full_name || session.user}
      items={[
        ...THEMES.map((each) => ({
          name: text.themes[each],
          chosen: now === each,
          act: () => setTheme(each),
        })),
        { name: text.settings, act: () => void navigate({ to: "/settings" }) },
        ...(session.kind === "user" ? [{ name: text.leave, act: () => void leave() }] : []),
      ]}
    />
  );
}
