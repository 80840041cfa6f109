import type { Text } from "../text";

export const operations: Text["operations"] = {
  title: "Vorgänge",
};
