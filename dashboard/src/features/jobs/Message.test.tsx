import { render } from "@testing-library/react";
import { expect, test } from "vitest";

import { Message } from "./Message";

const E = "\u001b";

function shown(message: string): HTMLElement {
  return render(<Message>{message}</Message>).container;
}

test("colours are tokens, and other looks are classes", () => {
  const said = shown(`ok ${E}[1;91mgone${E}[0m at last`);
  expect(said.textContent).toBe("ok gone at last");
  const [run, ...others] = said.querySelectorAll("span");
  expect(others).toEqual([]);
  expect(run?.textContent).toBe("gone");
  expect(run?.style.color).toBe("var(--log-bright-red)");
  expect(run?.className).toMatch(/bold/);
});

test("what somebody writes between colours stays text, and what turns or hides it is written out", () => {
  const said = shown(`${E}[31m<img src=x onerror=alert(1)>\u202e${E}[0m${E}]8;;javascript:alert(1)\u0007click${E}]8;;\u0007 ${E}[3`);
  expect(said.querySelector("img, a")).toBeNull();
  expect(said.textContent).toBe("<img src=x onerror=alert(1)>\\u202eclick \\u001b[3");
});
