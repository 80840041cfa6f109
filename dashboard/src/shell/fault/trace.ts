/** A Python traceback, taken apart into frames. */

export interface Frame {
  file: string;
  line: number;
  name: string;
  /** The source line, and marks below it, as they were written. */
  code: string[];
  library: boolean;
}

export type Piece = { kind: "frames"; frames: Frame[] } | { kind: "library"; frames: Frame[] } | { kind: "text"; text: string };

/** Those of a group of errors stand behind bars. */
const HEAD = /^([ |+]*)File "(.+)", line (\d+)(?:, in (.+))?$/;
const LIBRARY = /(?:^|[\\/])(?:site-packages|dist-packages|lib[\\/]python\d|tidemill[\\/](?:worker|tasks|client|loops|core|engines)[\\/])|^<frozen/;

/** The parts of a traceback in order; library frames that stand together are one part. */
export function taken(traceback: string): Piece[] {
  const pieces: Piece[] = [];
  let frame: Frame | undefined;
  let depth = 0;
  for (const line of traceback.replace(/\n$/, "").split("\n")) {
    const head = HEAD.exec(line);
    if (head) {
      const [, before = "", file = "", number = "0", name = ""] = head;
      depth = before.length;
      frame = { file, line: Number(number), name, code: [], library: LIBRARY.test(file) };
      put(pieces, frame);
    } else if (frame && line.search(/[^ |+]/) > depth) frame.code.push(line.slice(depth + 2));
    else {
      frame = undefined;
      const last = pieces.at(-1);
      if (last?.kind === "text") last.text += `\n${line}`;
      else if (line !== "Traceback (most recent call last):") pieces.push({ kind: "text", text: line });
    }
  }
  return pieces;
}

function put(pieces: Piece[], frame: Frame): void {
  const kind = frame.library ? "library" : "frames";
  const last = pieces.at(-1);
  if (last?.kind === kind) last.frames.push(frame);
  else pieces.push({ kind, frames: [frame] });
}

/** The end of a path, which tells files apart that one knows; where it lies on some machine does not matter. */
export function shortly(file: string): string {
  return file.split(/[\\/]/).slice(-3).join("/");
}
