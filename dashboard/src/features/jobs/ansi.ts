/** What a job's log says in colours: the escape sequences of terminals, read as how text looks. */

const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;

export interface Look {
  bold?: true;
  dim?: true;
  italic?: true;
  underline?: true;
  /** One of the colours, or `bright-` and one of them. */
  colour?: string;
}

export interface Run {
  text: string;
  look: Look;
}

/** A line that looks different more often than that goes on as it looked last. */
export const MOST_RUNS = 400;

/**
 * Sequences that are complete; what only begins like one stays text. No part of one can begin
 * another, so that none is looked at twice, however many there are.
 */
const SEQUENCE = new RegExp(
  [
    String.raw`(?:\u001b\[|\u009b)([0-?]*)([ -/]*[@-~])`, // control: colours, the cursor, modes
    String.raw`(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u0080-\u009f]*(?:\u0007|\u001b\\|\u009c)`, // links, titles
    String.raw`\u001b[ -/]*[0-OQ-WYZ\\` + "`" + String.raw`a-~]`, // all others: character sets, resets
  ].join("|"),
  "g",
);

const BEGINS = new RegExp(String.raw`[\u001b\u0080-\u009f]`);

/** What is said, without the sequences. */
export function plain(message: string): string {
  return BEGINS.test(message) ? message.replace(SEQUENCE, "") : message;
}

/** What is said, cut wherever it begins to look different. */
export function runsOf(message: string): Run[] {
  if (!BEGINS.test(message)) return [{ text: message, look: {} }];
  const runs: Run[] = [];
  let look: Look = {};
  let from = 0;
  const say = (text: string) => {
    const last = runs.at(-1);
    if (text === "") return;
    if (last && (runs.length === MOST_RUNS || isAlike(last.look, look))) last.text += text;
    else runs.push({ text, look });
  };
  for (const found of message.matchAll(SEQUENCE)) {
    say(message.slice(from, found.index));
    from = found.index + found[0].length;
    if (found[2] === "m" && /^[\d;:]*$/.test(found[1] ?? "")) look = changed(look, found[1] ?? "");
  }
  say(message.slice(from));
  return runs;
}

function isAlike(one: Look, other: Look): boolean {
  return (["bold", "dim", "italic", "underline", "colour"] as const).every((each) => one[each] === other[each]);
}

/** How text looks after one more sequence. Backgrounds are left out: text stays readable on ours. */
function changed(before: Look, asked: string): Look {
  const look = { ...before };
  const codes = asked.split(";");
  for (let at = 0; at < codes.length; at += 1) {
    const [code = 0, ...parts] = (codes[at] ?? "").split(":").map(Number);
    const isNear = code === 38 || code === 48 || code === 58;
    const given = isNear && parts.length === 0 ? codes.slice(at + 1, at + 5).map(Number) : parts;
    if (isNear && parts.length === 0) at += given[0] === 5 ? 2 : given[0] === 2 ? 4 : 0;
    if (code === 38) dye(look, given[0] === 5 && (given[1] ?? 16) < 16 ? given[1] : undefined);
    else if (!isNear) turn(look, code, parts[0]);
  }
  return look;
}

const LOOKS = { 1: "bold", 2: "dim", 3: "italic", 4: "underline", 21: "underline" } as const;
const ENDS: Record<number, readonly (keyof Look)[]> = {
  0: ["bold", "dim", "italic", "underline", "colour"],
  22: ["bold", "dim"],
  23: ["italic"],
  24: ["underline"],
  39: ["colour"],
};

function turn(look: Look, code: number, part: number | undefined): void {
  if (code >= 30 && code <= 37) dye(look, code - 30);
  else if (code >= 90 && code <= 97) dye(look, code - 82);
  else if (code === 4 && part === 0) delete look.underline;
  else if (code in LOOKS) look[LOOKS[code as keyof typeof LOOKS]] = true;
  for (const each of ENDS[code] ?? []) delete look[each];
}

function dye(look: Look, colour: number | undefined): void {
  const name = colour === undefined ? undefined : COLOURS[colour % 8];
  if (colour === undefined || name === undefined) delete look.colour;
  else look.colour = colour < 8 ? name : `bright-${name}`;
}
