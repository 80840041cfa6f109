import { createLink } from "@tanstack/react-router";
import type { ComponentProps } from "react";

import styles from "./Button.module.css";

/** Goes to where something is done; it looks like what does it. */
export const ButtonLink = createLink((props: ComponentProps<"a">) => <a {...props} className={`${styles.button} ${styles.link}`} />);
