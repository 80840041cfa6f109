import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import { Button } from "../design/Button";
import { Time } from "../design/Time";
import { useToast } from "../design/Toast";
import { useText } from "../i18n/text";
import { useLost } from "../server/contact";
import { client } from "../server/queries";
import { isAnother, serverQuery } from "../server/server";
import { sessionQuery, useSession } from "../server/session";
import { skewed } from "../time/clock";
import styles from "./Warnings.module.css";

const OFTEN = 5_000;
const CHECK = 60_000;

/** What is wrong with the page as a whole: the server is gone, or is another one than before. */
export function Warnings() {
  const text = useText("shell");
  const words = text.shell.warnings;
  const server = useQuery(serverQuery);
  const { refetch } = server;
  const lost = useLost();
  const isOther = server.data !== undefined && isAnother(server.data.build);
  useChanged();
  useEffect(() => {
    if (lost === undefined) return;
    const check = setInterval(() => void refetch(), OFTEN);
    return () => {
      clearInterval(check);
      void client.invalidateQueries();
    };
  }, [lost, refetch]);
  return (
    <div role="status">
      {lost === undefined ? null : (
        <p className={styles.bar}>
          <span>
            {words.lost} {words.old} {text.common.asOf("")}
            <Time at={lost + skewed()} />.
          </span>
        </p>
      )}
      {isOther ? (
        <p className={styles.bar}>
          <span>{words.build}</span>
          <Button onClick={() => location.reload()}>{words.reload}</Button>
        </p>
      ) : null}
    </div>
  );
}

/** Says so when whoever looks may do more, or less, than a moment ago. */
function useChanged(): void {
  const words = useText("shell");
  const toast = useToast();
  const { role, user, tenant } = useSession();
  useQuery({ ...sessionQuery, refetchInterval: CHECK });
  const before = useRef({ role, user, tenant });
  useEffect(() => {
    const was = before.current;
    before.current = { role, user, tenant };
    if (was.user === user && was.tenant === tenant && was.role !== role && role) toast(words.shell.warnings.role(role));
  }, [role, user, tenant, toast, words]);
}
