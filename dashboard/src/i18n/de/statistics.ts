import type { Text } from "../text";

export const statistics: Text["statistics"] = {
  title: "Statistik",
};
