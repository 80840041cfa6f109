import "@fontsource-variable/atkinson-hyperlegible-next";
import "@fontsource-variable/atkinson-hyperlegible-mono";
import "./design/tokens.css";
import "./design/page.css";

import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { Toasts } from "./design/Toast";
import { Spoken } from "./i18n/text";
import { router } from "./router";
import { client } from "./server/queries";
import { dress } from "./shell/theme";
import { Zoned } from "./time/clock";

dress();

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Spoken>
        <Zoned>
          <QueryClientProvider client={client}>
            <Toasts>
              <RouterProvider router={router} />
            </Toasts>
          </QueryClientProvider>
        </Zoned>
      </Spoken>
    </StrictMode>,
  );
}
