import type { Text } from "../text";

export const failures: Text["failures"] = {
  title: "Fehler",
};
