/** How long an attempt of a call may take and how many there may be, as both are written. */

import { secondsOf } from "../../time/length";

/** Both may be empty: then they are as the task has them. */
export interface Limits {
  timeout: string;
  attempts: string;
}

const MOST = 1_000;

/** What cannot be sent as it stands. */
export function wrongLimits({ timeout, attempts }: Limits): Partial<Record<keyof Limits, true>> {
  const count = attempts.trim();
  return {
    ...(timeout && secondsOf(timeout) === undefined ? { timeout: true } : {}),
    ...(count && !(/^\d+$/.test(count) && Number(count) >= 1 && Number(count) <= MOST) ? { attempts: true } : {}),
  };
}

/** Both as they are sent. */
export function sentLimits({ timeout, attempts }: Limits): { timeout?: number; attempts?: number } {
  const seconds = secondsOf(timeout);
  return {
    ...(seconds === undefined ? {} : { timeout: seconds }),
    ...(attempts.trim() ? { attempts: Number(attempts) } : {}),
  };
}
