// Tells the process that started this one when its clock is to run: a line for each end of it.

import { writeSync } from "node:fs";

export const PAYLOAD = "x".repeat(200);
export const RESULT = "r".repeat(98);
export const BULK = 1000;

const [action, seconds, backlog] = process.argv.slice(2);

export const url = process.env.TIDEMILL_URL;

// What is measured, by its name on the command line.
export async function main(actions) {
  await actions[action]();
  // What this process has used is read before it may end.
  process.stdin.resume().on("end", () => process.exit(0));
}

// Call `store` for a while, once it has stored a thousand; it answers how many jobs it has stored.
export async function enqueueFor(store) {
  let jobs = 0;
  while (jobs < BULK) {
    jobs += await store();
  }
  jobs = 0;
  tell("begin");
  const end = performance.now() + 1000 * Number(seconds);
  while (performance.now() < end) {
    jobs += await store();
  }
  tell(`end ${jobs}`);
}

// Counts the jobs of a drain: the first thousand and the last are not in the figure.
export class Countdown {
  constructor() {
    this.timed = Number(backlog);
    this.jobs = this.timed + 2 * BULK;
    this.left = this.timed + BULK;
    this.empty = new Promise((resolve) => {
      this.finish = resolve;
    });
  }

  // Store them all, by thousands.
  async fill(storeThousand) {
    for (let stored = 0; stored < this.jobs; stored += BULK) {
      await storeThousand();
    }
  }

  // One has run.
  tick() {
    this.left -= 1;
    if (this.left === this.timed) {
      tell("begin");
    } else if (this.left === 0) {
      tell(`end ${this.timed}`);
      this.finish();
    }
  }
}

function tell(what) {
  writeSync(1, `${what}\n`);
}
