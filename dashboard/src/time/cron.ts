/** Says in words when a cron expression comes. */

export interface CronWords {
  everyMinute: string;
  everyMinutes: (count: number) => string;
  everyHour: string;
  everyHours: (count: number) => string;
  atMinute: (minutes: string) => string;
  at: (times: string) => string;
  daily: string;
  between: (from: string, to: string) => string;
  rough: (minute: string, hour: string) => string;
  seconds: (seconds: string) => string;
  on: (days: string) => string;
  range: (from: string, to: string) => string;
  nth: (count: number, day: string) => string;
  last: (day: string) => string;
  days: (days: string, count: number) => string;
  everyNthDay: (count: number) => string;
  lastDay: string;
  beforeLast: (count: number) => string;
  workday: (day: number) => string;
  lastWorkday: string;
  months: (months: string) => string;
  or: (one: string, other: string) => string;
}

const MACROS: Record<string, string> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};
const MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");
const WEEKDAYS = "SUN MON TUE WED THU FRI SAT".split(" ");
const MOST_TIMES = 6;

/** The fields of an expression, seconds first where there are six; `undefined`: it has other ones. */
export function fieldsOf(pattern: string): string[] | undefined {
  const trimmed = pattern.trim();
  const words = (MACROS[trimmed.toLowerCase()] ?? trimmed).toUpperCase().split(/\s+/);
  return words.length === 5 || words.length === 6 ? words : undefined;
}

/** When it comes, in words; `undefined` where it cannot be said, or means nothing. */
export function describe(pattern: string, words: CronWords, language: string): string | undefined {
  const fields = fieldsOf(pattern);
  if (!fields) return undefined;
  const [second, minute, hour, day, month, weekday] = fields.length === 6 ? fields : ["0", ...fields];
  try {
    const days = onDays(day!, weekday!, words, language);
    const time = atTime(minute!, hour!, words, language);
    const parts = [
      time.said,
      second === "0" ? "" : words.seconds(second!),
      days || (time.fixed && month === "*" ? words.daily : ""),
      inMonths(month!, words, language),
    ];
    return parts.filter(Boolean).join(" ");
  } catch {
    return undefined;
  }
}

function atTime(minute: string, hour: string, words: CronWords, language: string): { said: string; fixed: boolean } {
  const minutes = plainList(minute, 59);
  const hours = plainList(hour, 23);
  const step = stepOf(minute, 59);
  if (step && hour === "*") return { said: step === 1 ? words.everyMinute : words.everyMinutes(step), fixed: false };
  const span = /^(\d+)-(\d+)$/.exec(hour);
  if (step && (span || hours?.length === 1)) {
    const from = Number(span ? span[1] : hours![0]);
    const to = Number(span ? span[2] : hours![0]);
    const often = step === 1 ? words.everyMinute : words.everyMinutes(step);
    return { said: `${often} ${words.between(clock(from, 0), clock(to, 59 - (59 % step)))}`, fixed: false };
  }
  if (minutes && hours && minutes.length * hours.length <= MOST_TIMES) {
    const times = hours.flatMap((each) => minutes.map((mm) => clock(each, mm)));
    return { said: words.at(listed(times, language)), fixed: true };
  }
  if (minutes && minutes.length <= MOST_TIMES) {
    const past = minutes.length === 1 && minutes[0] === 0 ? "" : words.atMinute(listed(minutes.map(String), language));
    const every = stepOf(hour, 23);
    if (every) return { said: [every === 1 ? words.everyHour : words.everyHours(every), past].filter(Boolean).join(" "), fixed: false };
    if (span && minutes.length === 1) {
      const [from, to] = [clock(Number(span[1]), minutes[0]!), clock(Number(span[2]), minutes[0]!)];
      return { said: `${words.everyHour} ${words.between(from, to)}`, fixed: false };
    }
  }
  return { said: words.rough(minute, hour), fixed: false };
}

function onDays(day: string, weekday: string, words: CronWords, language: string): string {
  const byNumber = free(day) ? "" : daysSaid(day, words, language);
  const byName = free(weekday) ? "" : weekdaysSaid(weekday, words, language);
  if (!byNumber || !byName) return byNumber || byName;
  const either = !/^[*?]/.test(day) && !/^[*?]/.test(weekday);
  return either ? words.or(byNumber, byName) : `${byNumber} ${byName}`;
}

function daysSaid(day: string, words: CronWords, language: string): string {
  const step = /^\*\/(\d+)$/.exec(day);
  if (step) return words.everyNthDay(Number(step[1]));
  let match: RegExpExecArray | null;
  if (day === "L") return words.lastDay;
  if (day === "LW") return words.lastWorkday;
  if ((match = /^L-(\d+)$/.exec(day))) return words.beforeLast(Number(match[1]));
  if ((match = /^(\d+)W$/.exec(day))) return words.workday(Number(match[1]));
  const parts = day.split(",").map((part) => {
    const span = /^(\d+)-(\d+)$/.exec(part);
    if (span) return words.range(span[1]!, span[2]!);
    if (!/^\d+$/.test(part)) throw new RangeError(part);
    return part;
  });
  return words.days(listed(parts, language), parts.length);
}

function weekdaysSaid(weekday: string, words: CronWords, language: string): string {
  const named = (written: string) => nameOf(written, WEEKDAYS, 7, (number) => weekdayName(number % 7, language));
  const parts = weekday.split(",").map((part) => {
    const nth = /^(\w+)#([1-5])$/.exec(part);
    if (nth) return words.nth(Number(nth[2]), named(nth[1]!));
    const last = /^(\d|[A-Z]{3})L$/.exec(part);
    if (last) return words.last(named(last[1]!));
    const span = /^(\w+)-(\w+)$/.exec(part);
    return span ? words.range(named(span[1]!), named(span[2]!)) : named(part);
  });
  return words.on(listed(parts, language));
}

function inMonths(month: string, words: CronWords, language: string): string {
  if (month === "*") return "";
  const named = (written: string) => nameOf(written, MONTHS, 12, (number) => monthName(number, language), 1);
  const step = /^(?:\*|(\w+))\/(\d+)$/.exec(month);
  if (step) {
    const first = step[1] === undefined ? 1 : numberOf(step[1], MONTHS, 1);
    const every = Number(step[2]);
    if (!(every > 0)) throw new RangeError(month);
    const found: string[] = [];
    for (let number = first; number <= 12; number += every) found.push(monthName(number, language));
    return words.months(listed(found, language));
  }
  const parts = month.split(",").map((part) => {
    const span = /^(\w+)-(\w+)$/.exec(part);
    return span ? words.range(named(span[1]!), named(span[2]!)) : named(part);
  });
  return words.months(listed(parts, language));
}

function free(field: string): boolean {
  return field === "*" || field === "?";
}

/** `*` is a step of 1; `undefined`: it is no step through the whole field. */
function stepOf(field: string, high: number): number | undefined {
  if (field === "*") return 1;
  const found = /^(?:\*|0)\/(\d+)$/.exec(field);
  const step = Number(found?.[1]);
  return step >= 1 && step <= high ? step : undefined;
}

function plainList(field: string, high: number): number[] | undefined {
  if (!/^\d+(,\d+)*$/.test(field)) return undefined;
  const numbers = [...new Set(field.split(",").map(Number))].sort((one, other) => one - other);
  if (numbers.some((each) => each > high)) throw new RangeError(field);
  return numbers;
}

function numberOf(written: string, names: readonly string[], first: number): number {
  const at = names.indexOf(written);
  return at < 0 ? Number(written) : at + first;
}

function nameOf(written: string, names: readonly string[], high: number, say: (number: number) => string, first = 0): string {
  const number = numberOf(written, names, first);
  if (!Number.isInteger(number) || number < first || number > high) throw new RangeError(written);
  return say(number);
}

function clock(hour: number, minute: number): string {
  if (hour > 23 || minute > 59) throw new RangeError(`${hour}:${minute}`);
  return `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
}

function listed(parts: readonly string[], language: string): string {
  return new Intl.ListFormat(language, { type: "conjunction" }).format(parts);
}

function weekdayName(number: number, language: string): string {
  // The fourth of January 1970 was a Sunday.
  return new Intl.DateTimeFormat(language, { weekday: "long", timeZone: "UTC" }).format(Date.UTC(1970, 0, 4 + number));
}

function monthName(number: number, language: string): string {
  return new Intl.DateTimeFormat(language, { month: "long", timeZone: "UTC" }).format(Date.UTC(1970, number - 1, 1));
}
