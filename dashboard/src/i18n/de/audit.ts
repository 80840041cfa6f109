import type { Text } from "../text";

export const audit: Text["audit"] = {
  title: "Protokoll",
};
