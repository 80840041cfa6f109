import { useEffect, useRef, useState } from "react";

import { Button } from "../../design/Button";
import { Dialog } from "../../design/Dialog";
import { useText } from "../../i18n/text";
import { exported } from "../../server/audit";
import type { Search } from "../../server/seen";
import { Buttons } from "../../shell/Ask";
import { Failed } from "../../shell/Broken";
import { now } from "../../time/clock";

/** Fetches all lines that are looked for, page by page, and hands them over as a file. */
export function Export({ search, onClose }: { search: Search; onClose: () => void }) {
  const text = useText("audit");
  const words = text.audit;
  const [count, setCount] = useState<number>();
  const [file, setFile] = useState<string>();
  const [error, setError] = useState<unknown>();
  const stop = useRef<AbortController>(undefined);
  useEffect(() => () => stop.current?.abort(), []);
  useEffect(() => () => (file ? URL.revokeObjectURL(file) : undefined), [file]);
  const fetchAll = async () => {
    const going = new AbortController();
    stop.current = going;
    setError(undefined);
    setCount(0);
    try {
      const lines = await exported(search, setCount, going.signal);
      setFile(URL.createObjectURL(new Blob(lines, { type: "application/x-ndjson" })));
    } catch (found) {
      setCount(undefined);
      if (!going.signal.aborted) setError(found);
    }
  };
  return (
    <Dialog title={words.exportTitle} onClose={onClose} closeText={text.common.close}>
      <p>{words.exportAbout}</p>
      <p role="status">{count === undefined ? "" : file ? words.exported(count) : words.exporting(count)}</p>
      {error ? <Failed error={error} doing={words.export} again={() => void fetchAll()} /> : null}
      <Buttons>
        {file ? (
          <a href={file} download={`audit-${new Date(now()).toISOString().slice(0, 19).replaceAll(":", "-")}.ndjson`}>
            {words.saveFile}
          </a>
        ) : count === undefined ? (
          <Button kind="main" onClick={() => void fetchAll()}>
            {words.start}
          </Button>
        ) : (
          <Button onClick={() => stop.current?.abort()}>{text.common.cancel}</Button>
        )}
      </Buttons>
    </Dialog>
  );
}
