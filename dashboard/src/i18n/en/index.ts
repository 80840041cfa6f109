import { common } from "./common";
import { jobs } from "./jobs";
import { shell } from "./shell";

export const en = { common, jobs, shell };
