import type { Text } from "../text";

export const overview: Text["overview"] = {
  title: "Übersicht",
};
