import { useEffect, useState } from "react";

/** A value as it has been for a while: what is still being typed is not asked about. */
export function useSettled<T>(value: T, calm = 300): T {
  const [settled, settle] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => settle(value), calm);
    return () => clearTimeout(timer);
  }, [value, calm]);
  return settled;
}
