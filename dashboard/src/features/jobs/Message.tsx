import { memo } from "react";

import { visible } from "../../design/visible";
import { runsOf } from "./ansi";
import styles from "./Message.module.css";

/** What a line says, in its colours; it is read once for as long as it is in sight. */
export const Message = memo(function Message({ children }: { children: string }) {
  return (
    <bdi>
      {runsOf(children).map(({ text, look: { colour, ...look } }, at) => {
        const said = Object.keys(look).map((each) => styles[each]);
        if (!colour && said.length === 0) return visible(text);
        return (
          <span key={at} className={said.join(" ") || undefined} data-colour={colour} style={colour ? { color: `var(--log-${colour})` } : undefined}>
            {visible(text)}
          </span>
        );
      })}
    </bdi>
  );
});
