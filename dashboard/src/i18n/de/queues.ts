import type { Text } from "../text";

export const queues: Text["queues"] = {
  title: "Warteschlangen",
};
