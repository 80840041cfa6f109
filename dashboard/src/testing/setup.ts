/** What every test of a component is run with. */

import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";

import { PARTS, type Part } from "../i18n/parts";
import { fetchWords } from "../i18n/text";

await fetchWords(...(Object.keys(PARTS.en) as Part[]));

afterEach(cleanup);
