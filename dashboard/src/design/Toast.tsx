import { createContext, use, useCallback, useRef, useState, type ReactNode } from "react";

import { useText } from "../i18n/text";
import { now } from "../time/clock";
import { Button } from "./Button";
import styles from "./Toast.module.css";
import { visible } from "./visible";

interface Toast {
  id: number;
  said: string;
  /** A way back, offered until a moment where one is given. */
  act?: { name: string; do: () => void; until?: number } | undefined;
}

type Say = (said: string, act?: Toast["act"]) => void;

const Sayer = createContext<Say>(() => undefined);

const LASTS = 10_000;

/** Says what was done, below; a way back stays as long as it is said. */
export function Toasts({ children }: { children: ReactNode }) {
  const [toasts, set] = useState<readonly Toast[]>([]);
  const next = useRef(0);
  const text = useText().common;
  const drop = useCallback((id: number) => set((all) => all.filter((each) => each.id !== id)), []);
  const say: Say = useCallback(
    (said, act) => {
      const id = next.current++;
      set((all) => [...all.slice(-2), { id, said, act }]);
      setTimeout(() => drop(id), act?.until === undefined ? LASTS : Math.max(0, act.until - now()));
    },
    [drop],
  );
  return (
    <Sayer value={say}>
      {children}
      <div className={styles.toasts} role="status">
        {toasts.map((toast) => (
          <div key={toast.id} className={styles.toast}>
            <span>{visible(toast.said)}</span>
            {toast.act ? (
              <Button
                onClick={() => {
                  toast.act?.do();
                  drop(toast.id);
                }}
              >
                {toast.act.name}
              </Button>
            ) : null}
            {toast.act?.until === undefined ? null : (
              <Button kind="bare" aria-label={text.close} title={text.close} onClick={() => drop(toast.id)}>
                ✕
              </Button>
            )}
          </div>
        ))}
      </div>
    </Sayer>
  );
}

export function useToast(): Say {
  return use(Sayer);
}
