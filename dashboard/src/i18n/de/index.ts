import type { Text } from "../text";
import { common } from "./common";
import { jobs } from "./jobs";
import { shell } from "./shell";

export const de: Text = { common, jobs, shell };
