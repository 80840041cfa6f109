import type { Text } from "../text";

export const dead: Text["dead"] = {
  title: "Gescheiterte",
};
