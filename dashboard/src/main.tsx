import "@fontsource-variable/atkinson-hyperlegible-next";
import "@fontsource-variable/atkinson-hyperlegible-mono";
import "./design/tokens.css";
import "./design/page.css";

import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { router } from "./router";
import { dress } from "./shell/theme";

dress();

const root = document.getElementById("root");
if (root) {
  // Until there is a page, the outline of one stays that came with the document.
  void router.load().finally(() =>
    createRoot(root).render(
      <StrictMode>
        <RouterProvider router={router} />
      </StrictMode>,
    ),
  );
}
