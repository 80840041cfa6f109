import type { Text } from "../text";

export const alerts: Text["alerts"] = {
  title: "Warnungen",
};
