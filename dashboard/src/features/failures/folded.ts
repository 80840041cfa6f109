/** A part of a traceback: text, or frames of libraries in a row. */
export interface Part {
  text: string;
  /** How many frames of libraries these are; 0: the program's own, or no frames at all. */
  library: number;
}

const FRAME = /^[ |+]*File "([^"]*)", line \d+, in /;
const FOREIGN = /\/(site|dist)-packages\/|\/lib\/python\d|\/tidemill\/|^</;

/** A traceback in parts, so that what is not the program's own can be folded away. */
export function folded(traceback: string): Part[] {
  const parts: Part[] = [];
  let inside = 0;
  for (const line of traceback.replace(/\n$/, "").split("\n")) {
    const frame = FRAME.exec(line);
    const depth = line.search(/\S/);
    if (frame) inside = FOREIGN.test((frame[1] ?? "").replaceAll("\\", "/")) ? depth + 1 : 0;
    // A frame goes on with lines that stand further in than it does.
    else if (inside && depth < inside) inside = 0;
    add(parts, line, inside > 0, frame !== null);
  }
  return parts;
}

function add(parts: Part[], line: string, foreign: boolean, begins: boolean): void {
  const last = parts.at(-1);
  if (last && last.library > 0 === foreign) {
    last.text += `\n${line}`;
    if (foreign && begins) last.library += 1;
  } else parts.push({ text: line, library: foreign ? 1 : 0 });
}
