import "@fontsource-variable/atkinson-hyperlegible-next";
import "@fontsource-variable/atkinson-hyperlegible-mono";
import "./design/tokens.css";
import "./design/page.css";

import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { asked, router } from "./router";
import { dress } from "./shell/theme";

dress();

/** So long a page waits at most for its first answers, in milliseconds: with them it is drawn once. */
const PATIENCE = 300;

async function ready(): Promise<void> {
  await router.load();
  await Promise.race([asked, new Promise((done) => setTimeout(done, PATIENCE))]);
}

const root = document.getElementById("root");
if (root) {
  // Until there is a page, the outline of one stays that came with the document.
  void ready().finally(() =>
    createRoot(root).render(
      <StrictMode>
        <RouterProvider router={router} />
      </StrictMode>,
    ),
  );
}
