import type { Words } from "../parts";
import { access } from "./access";
import { alerts } from "./alerts";
import { attempts } from "./attempts";
import { audit } from "./audit";
import { call } from "./call";
import { common } from "./common";
import { dead } from "./dead";
import { events } from "./events";
import { failures } from "./failures";
import { jobs } from "./jobs";
import { modules } from "./modules";
import { operations } from "./operations";
import { overview } from "./overview";
import { queues } from "./queues";
import { schedules } from "./schedules";
import { settings } from "./settings";
import { shell } from "./shell";
import { statistics } from "./statistics";
import { workers } from "./workers";

export const de: Words = {
  access,
  alerts,
  attempts,
  audit,
  call,
  common,
  dead,
  events,
  failures,
  jobs,
  modules,
  operations,
  overview,
  queues,
  schedules,
  settings,
  shell,
  statistics,
  workers,
};
