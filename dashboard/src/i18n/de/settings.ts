import type { Text } from "../text";

export const settings: Text["settings"] = {
  title: "Einstellungen",
};
