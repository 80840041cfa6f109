import { plural, written } from "../plural";

const letters = (number: number) => plural("en", number, { one: "dead letter", other: "dead letters" });

export const dead = {
  title: "Dead letters",
  verdict: (number: number, more: boolean, queues: number) =>
    `${more ? `${written(number, "en")}+ dead letters` : letters(number)} in ${plural("en", queues, { one: "queue", other: "queues" })}`,
  none: "No dead letters",
  noneWhy: "A job whose attempts are spent comes here, and stays until it is run again or thrown away. None has.",
  noneMatch: "No dead letter matches.",
  more: (number: number) => `The newest ${written(number, "en")} are counted; there are older ones.`,
  views: { cause: "By cause", queue: "By queue", jobs: "Jobs" },
  view: "View",
  cause: "Cause",
  queue: "Queue",
  task: "Task",
  count: "Letters",
  died: "Died",
  said: "Error",
  acts: "What to do with them",
  showAll: "Show all dead letters",
  drop: (name: string, value: string) => `${name} ${value}: leave it out`,
  masked: "Your role may not see what it said",
  redriveThese: (number: number) => `Redrive ${written(number, "en")}`,
  redriveAll: "Redrive all",
  redriveMatching: "Redrive all that match",
  redrive: "Redrive",
  discardAll: "Discard all",
  discardMatching: "Discard all that match",
  discard: "Discard",
  chosen: (number: number) => `${written(number, "en")} chosen`,
  chooseFirst: "Choose letters first",
  choose: (task: string) => `Choose ${task}`,
  chooseAll: "Choose all on this page",
  exportAs: "Export what is shown",
  ndjson: "as NDJSON",
  csv: "as CSV",
  lettersOf: (what: string) => `those of ${what}`,
  really: {
    redrive: (number: string) => `Redrive ${number}?`,
    discard: (number: string) => `Discard ${number}?`,
  },
  letters: (number: number, more: boolean) => (more ? `${written(number, "en")}+ dead letters` : letters(number)),
  effect: {
    redrive: "They run anew, with all their attempts. Those that have not begun can be put back for ten minutes.",
    discard: "They and their history are gone for good.",
  },
  done: {
    redrive: (number: number, goesOn: boolean) =>
      `${letters(number)} to be run again${goesOn ? " so far; a job goes on with the rest" : ""}`,
    discard: (number: number, goesOn: boolean) =>
      `${letters(number)} thrown away${goesOn ? " so far; a job goes on with the rest" : ""}`,
  },
  hundred: "The hundred causes with most jobs are shown.",
};
