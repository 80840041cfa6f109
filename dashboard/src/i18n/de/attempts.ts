import type { Text } from "../text";

export const attempts: Text["attempts"] = {
  title: "Versuche",
};
