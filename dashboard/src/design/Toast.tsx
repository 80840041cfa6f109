import { createContext, use, useCallback, useRef, useState, type ReactNode } from "react";

import { Button } from "./Button";
import styles from "./Toast.module.css";

interface Toast {
  id: number;
  said: string;
  act?: { name: string; do: () => void } | undefined;
}

type Say = (said: string, act?: Toast["act"]) => void;

const Sayer = createContext<Say>(() => undefined);

const LASTS = 10_000;

/** Says what was done, below; a way back stays as long as it is said. */
export function Toasts({ children }: { children: ReactNode }) {
  const [toasts, set] = useState<readonly Toast[]>([]);
  const next = useRef(0);
  const drop = useCallback((id: number) => set((all) => all.filter((each) => each.id !== id)), []);
  const say: Say = useCallback(
    (said, act) => {
      const id = next.current++;
      set((all) => [...all.slice(-2), { id, said, act }]);
      setTimeout(() => drop(id), LASTS);
    },
    [drop],
  );
  return (
    <Sayer value={say}>
      {children}
      <div className={styles.toasts} role="status">
        {toasts.map((toast) => (
          <div key={toast.id} className={styles.toast}>
            <span>{toast.said}</span>
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
          </div>
        ))}
      </div>
    </Sayer>
  );
}

export function useToast(): Say {
  return use(Sayer);
}
