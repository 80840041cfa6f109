/** Whether somebody is busy with a list: points at it, is in it by keys, or has scrolled down. */

import { useEffect, useState, type FocusEvent } from "react";

export function useBusy() {
  const [hovered, hover] = useState(false);
  const [focused, focus] = useState(false);
  const scrolled = useScrolled();
  return {
    busy: hovered || focused || scrolled,
    /** For the element around the list and all that is done with it: whoever goes to a button there has not left. */
    list: {
      onPointerEnter: () => hover(true),
      onPointerLeave: () => hover(false),
      onFocus: () => focus(true),
      onBlur: (event: FocusEvent<HTMLElement>) => focus(event.currentTarget.contains(event.relatedTarget)),
    },
  };
}

function useScrolled(): boolean {
  const [scrolled, set] = useState(false);
  useEffect(() => {
    // Whatever it is that scrolls: the page, or the part of it beside the navigation.
    const look = (event: Event) => {
      const where = event.target instanceof Element ? event.target.scrollTop : scrollY;
      set(where > 40);
    };
    addEventListener("scroll", look, { passive: true, capture: true });
    return () => removeEventListener("scroll", look, { capture: true });
  }, []);
  return scrolled;
}
