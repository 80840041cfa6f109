import type { Text } from "../text";

export const schedules: Text["schedules"] = {
  title: "Zeitpläne",
};
