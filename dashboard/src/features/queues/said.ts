import type { Text } from "../../i18n/text";
import type { Queue } from "../../server/queues";
import { spanOf } from "./rules";

/** The rules of a queue, each in a few words. */
export function rulesSaid(queue: Queue, text: Text<"queues">["queues"]): string[] {
  return [
    ...(queue.most === null ? [] : [text.most(queue.most)]),
    ...(queue.rate === null ? [] : [text.rate(queue.rate.count, spanOf(queue.rate.per))]),
    ...(queue.tenant_most === null ? [] : [text.tenantMost(queue.tenant_most)]),
    ...(queue.fair ? [text.fair] : []),
  ];
}
