import { useId, useRef, type KeyboardEvent, type ReactNode } from "react";

import { Button } from "./Button";
import styles from "./Menu.module.css";
import { shown, visible } from "./visible";

export interface Item {
  name: string;
  act: () => void;
  /** Whether it is the one of several that holds now. */
  chosen?: boolean;
  /** Why it cannot be done now. */
  refused?: string | undefined;
}

interface Props {
  name: ReactNode;
  /** What the button is called where `name` is a mark. */
  label?: string;
  items: readonly Item[];
}

/** A button that opens a list of things to do; arrows go through it, Escape closes it. */
export function Menu({ name, label, items }: Props) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLDivElement>(null);
  const entries = () => [...(list.current?.querySelectorAll<HTMLButtonElement>("[role^=menuitem]") ?? [])];
  const place = () => {
    const button = opener.current?.getBoundingClientRect();
    if (!button || !list.current) return;
    list.current.style.top = `${button.bottom + 4}px`;
    list.current.style.insetInlineEnd = `${Math.max(8, document.documentElement.clientWidth - button.right)}px`;
    entries()[0]?.focus();
  };
  const step = (event: KeyboardEvent) => {
    const all = entries();
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    all[(next + all.length) % all.length]?.focus();
  };
  return (
    <div ref={opener} className={styles.menu}>
      <Button popoverTarget={id} aria-haspopup="menu" {...(label ? { "aria-label": label, title: label } : {})}>
        {shown(name)}
      </Button>
      <div
        id={id}
        ref={list}
        popover="auto"
        role="menu"
        className={styles.list}
        onKeyDown={step}
        onToggle={(event) => {
          if (event.newState === "open") place();
        }}
      >
        {items.map((item) => (
          <button
            key={item.name}
            type="button"
            role={item.chosen === undefined ? "menuitem" : "menuitemradio"}
            {...(item.chosen === undefined ? {} : { "aria-checked": item.chosen })}
            tabIndex={-1}
            aria-disabled={item.refused !== undefined}
            title={item.refused}
            onClick={() => {
              if (item.refused !== undefined) return;
              list.current?.hidePopover();
              item.act();
            }}
          >
            <span aria-hidden>{item.chosen ? "✓" : ""}</span>
            {visible(item.name)}
          </button>
        ))}
      </div>
    </div>
  );
}
