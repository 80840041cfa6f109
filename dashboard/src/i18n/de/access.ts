import type { Text } from "../text";

export const access: Text["access"] = {
  title: "Zugänge",
};
