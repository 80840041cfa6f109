import { expect, test } from "vitest";

import { MOST_RUNS, plain, runsOf } from "./ansi";

const E = "\u001b";

test("bold, dim, italic, underline and colours are read until they end", () => {
  expect(runsOf(`a ${E}[1mb ${E}[31mc${E}[22m d${E}[0m e`)).toEqual([
    { text: "a ", look: {} },
    { text: "b ", look: { bold: true } },
    { text: "c", look: { bold: true, colour: "red" } },
    { text: " d", look: { colour: "red" } },
    { text: " e", look: {} },
  ]);
  expect(runsOf(`${E}[2;3;4;92mall${E}[23;24;39mdim`)).toEqual([
    { text: "all", look: { dim: true, italic: true, underline: true, colour: "bright-green" } },
    { text: "dim", look: { dim: true } },
  ]);
});

test("nothing given resets, and what was left on ends with the line", () => {
  expect(runsOf(`${E}[34mblue${E}[mnone`)).toEqual([{ text: "blue", look: { colour: "blue" } }, { text: "none", look: {} }]);
  expect(runsOf("next")).toEqual([{ text: "next", look: {} }]);
});

test.each([
  [`${E}[38;5;9mx`, "bright-red"],
  [`${E}[38;5;200;1mx`, undefined],
  [`${E}[31;38;2;1;31;32mx`, undefined],
  [`${E}[38:2::1:31:32mx`, undefined],
  [`${E}[31;48;5;32mx`, "red"],
  [`${E}[31;44;8mx`, "red"],
])("of %j the colour is %s: the sixteen as they are, others and backgrounds left plain", (message, colour) => {
  const [run] = runsOf(message);
  expect(run?.text).toBe("x");
  expect(run?.look.colour).toBe(colour);
});

test.each([
  ["cursor and screen", `a${E}[2J${E}[10;5Hb${E}[?25lc${E}[Kd`],
  ["a link", `a${E}]8;;https://elsewhere.test/${E}\\bc${E}]8;;${E}\\d`],
  ["a title", `a${E}]0;root@host\u0007bcd`],
  ["device strings and messages", `a${E}P1$tx${E}\\b${E}_hidden${E}\\c${E}^p${E}\\d`],
  ["character sets and resets", `a${E}(Bb${E}7c${E}cd`],
  ["in one byte", `a\u009b31mb\u009d0;title\u009cc\u009b0md`],
  ["private ones that end in m", `a${E}[>4;1mbc${E}[?1md`],
])("%s is taken out and changes nothing", (_, message) => {
  expect(plain(message)).toBe("abcd");
  expect(runsOf(message).map((run) => run.text).join("")).toBe("abcd");
});

test("what only begins like a sequence hides nothing", () => {
  for (const message of [`a${E}]8;;https://x.test b`, `a${E}[31`, `a${E}`, `a${E}P no end\nb`]) expect(plain(message)).toBe(message);
});

test("very many sequences, and beginnings of some, are read in one go and drawn in few pieces", () => {
  const many = runsOf(`${E}[31mr${E}[32mg`.repeat(100_000));
  expect(many).toHaveLength(MOST_RUNS);
  expect(many.map((run) => run.text).join("")).toBe("rg".repeat(100_000));
  for (const each of [`${E}]`, `${E}[1`, "\u009d", `${E}[;`, `${E}(`]) expect(plain(each.repeat(300_000)).length).toBeGreaterThan(0);
  expect(plain(`${E}[${"1;".repeat(500_000)}`)).toHaveLength(1_000_002);
  expect(runsOf(`${E}[${"1;".repeat(200_000)}mx`)).toEqual([{ text: "x", look: {} }]);
});
