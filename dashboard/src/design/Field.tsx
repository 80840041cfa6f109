import { useId, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes } from "react";

import styles from "./Field.module.css";

interface Around {
  label: string;
  /** What it is, or takes. */
  hint?: ReactNode;
  /** What is wrong with what stands in it. */
  wrong?: string | undefined;
}

function Shell({
  label,
  hint,
  wrong,
  id,
  children,
}: Around & { id: string; children: ReactNode }) {
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {children}
      {hint ? (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      ) : null}
      {wrong ? (
        <p id={`${id}-wrong`} className={styles.wrong}>
          {wrong}
        </p>
      ) : null}
    </div>
  );
}

function described(id: string, { hint, wrong }: Around) {
  const told = [hint && `${id}-hint`, wrong && `${id}-wrong`].filter(Boolean).join(" ");
  return { id, ...(told ? { "aria-describedby": told } : {}), ...(wrong ? { "aria-invalid": true } : {}) };
}

type Plain<T> = Omit<T, "id" | "className">;

export function Field({ label, hint, wrong, ...rest }: Around & Plain<InputHTMLAttributes<HTMLInputElement>>) {
  const id = useId();
  return (
    <Shell {...{ label, hint, wrong, id }}>
      <input {...rest} {...described(id, { label, hint, wrong })} className={styles.input} />
    </Shell>
  );
}

export function Area({ label, hint, wrong, ...rest }: Around & Plain<TextareaHTMLAttributes<HTMLTextAreaElement>>) {
  const id = useId();
  return (
    <Shell {...{ label, hint, wrong, id }}>
      <textarea {...rest} {...described(id, { label, hint, wrong })} className={styles.input} />
    </Shell>
  );
}

export function Choice({
  label,
  hint,
  wrong,
  options,
  ...rest
}: Around & { options: readonly (readonly [value: string, name: string])[] } & Plain<SelectHTMLAttributes<HTMLSelectElement>>) {
  const id = useId();
  return (
    <Shell {...{ label, hint, wrong, id }}>
      <select {...rest} {...described(id, { label, hint, wrong })} className={styles.input}>
        {options.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </Shell>
  );
}

/** Fields side by side, as many as there is room for. */
export function Fields({ children }: { children: ReactNode }) {
  return <div className={styles.fields}>{children}</div>;
}

export function Check({ label, ...rest }: { label: ReactNode } & Plain<InputHTMLAttributes<HTMLInputElement>>) {
  return (
    <label className={styles.check}>
      <input type="checkbox" {...rest} />
      <span>{label}</span>
    </label>
  );
}
