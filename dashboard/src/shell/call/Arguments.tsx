import { useState } from "react";

import { Area, Choice, Field } from "../../design/Field";
import { useText } from "../../i18n/text";
import { turned, type Argument, type Fault, type Written } from "../../server/schema";
import styles from "./Arguments.module.css";

interface Props {
  known: readonly Argument[];
  /** Whether the task tells what it takes. */
  told: boolean;
  written: Written;
  onWrite: (written: Written) => void;
  faults: Record<string, Fault>;
  /** What the server says of an argument. */
  refused: (name: string) => string | undefined;
  /** Whether what is not filled in yet is told of. */
  strict: boolean;
}

/** The arguments of a call: field by field, or as JSON; numbers keep every digit. */
export function Arguments({ known, told, written, onWrite, faults, refused, strict }: Props) {
  const words = useText("call").call;
  const [odd, setOdd] = useState<readonly string[]>([]);
  const turn = (to: Written["as"]) => {
    const next = turned(written, to, known);
    setOdd(next.odd);
    onWrite(next.written);
  };
  const wrongOf = (name: string): string | undefined => {
    const fault = faults[name];
    if (fault && (strict || fault !== "needed")) return words.faults[fault];
    return refused(name);
  };
  const asJson = written.as === "json" || !told;
  const refusedOne = known.map((each) => [each.name, refused(each.name)] as const).find(([, said]) => said !== undefined);
  return (
    <div className={styles.arguments}>
      {told ? (
        <div className={styles.turn} role="group" aria-label={words.writtenAs}>
          {(["form", "json"] as const).map((each) => (
            <button key={each} type="button" aria-pressed={(each === "json") === asJson} onClick={() => turn(each)}>
              {words.as[each]}
            </button>
          ))}
        </div>
      ) : null}
      {odd.length ? (
        <p role="status" className={styles.odd}>
          {odd[0] === "" ? words.notJson : words.onlyJson(odd.join(", "))}
        </p>
      ) : null}
      {asJson ? (
        <Area
          label={words.json}
          hint={words.jsonHint}
          rows={Math.min(24, Math.max(6, written.json.split("\n").length + 1))}
          spellCheck={false}
          value={written.json}
          wrong={wrongOf("") ?? refusedOne?.join(": ")}
          onChange={(event) => onWrite({ ...written, as: "json", json: event.target.value })}
        />
      ) : known.length === 0 ? (
        <p className={styles.none}>{words.takesNothing}</p>
      ) : (
        <div className={styles.fields}>
          {known.map((argument) => (
            <One
              key={argument.name}
              argument={argument}
              raw={written.raws[argument.name] ?? ""}
              wrong={wrongOf(argument.name)}
              onWrite={(raw) => onWrite({ ...written, raws: { ...written.raws, [argument.name]: raw } })}
            />
          ))}
        </div>
      )}
    </div>
  );
}

function One({ argument, raw, wrong, onWrite }: { argument: Argument; raw: string; wrong: string | undefined; onWrite: (raw: string) => void }) {
  const text = useText("call");
  const words = text.call;
  const hint = [argument.type, argument.description, argument.otherwise === undefined ? "" : words.otherwise(argument.otherwise)];
  const shared = {
    label: argument.required ? argument.name : `${argument.name} (${text.common.optional})`,
    hint: hint.filter(Boolean).join(" · "),
    wrong,
    value: raw,
    required: argument.required,
  };
  if (argument.kind === "choice" || argument.kind === "yesno") {
    const given: [string, string][] =
      argument.kind === "yesno"
        ? [
            ["true", text.common.yes],
            ["false", text.common.no],
          ]
        : argument.options.map((each) => [each, bare(each)]);
    return <Choice {...shared} options={[["", argument.required ? words.choose : words.leftOut], ...given]} onChange={(event) => onWrite(event.target.value)} />;
  }
  if (argument.kind === "json" || raw.includes("\n")) {
    return <Area {...shared} rows={2} spellCheck={false} placeholder={argument.otherwise} onChange={(event) => onWrite(event.target.value)} />;
  }
  return (
    <Field
      {...shared}
      type={argument.kind === "secret" ? "password" : "text"}
      autoComplete="off"
      spellCheck={false}
      {...(argument.kind === "whole" ? { inputMode: "numeric" as const } : argument.kind === "number" ? { inputMode: "decimal" as const } : {})}
      placeholder={argument.otherwise === "null" ? undefined : argument.otherwise}
      onChange={(event) => onWrite(event.target.value)}
    />
  );
}

/** A text without its quotes, anything else as JSON has it. */
function bare(option: string): string {
  return option.startsWith('"') ? (JSON.parse(option) as string) : option;
}
