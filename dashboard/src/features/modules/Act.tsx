import { useState } from "react";

import { Button } from "../../design/Button";
import { useToast } from "../../design/Toast";
import { useText } from "../../i18n/text";
import { disable, enable, type Module } from "../../server/modules";
import { useMay } from "../../server/session";
import { Ask } from "../../shell/Ask";

/** Disables a module or enables it, and asks why. */
export function Act({ module }: { module: Module }) {
  const { modules: text, common } = useText("modules");
  const may = useMay("modules.change");
  const toast = useToast();
  const [asked, ask] = useState(false);
  const off = module.disabled;
  const name = module.module;
  return (
    <>
      <Button refused={may ? undefined : common.failed.forbidden("operator")} onClick={() => ask(true)}>
        {off ? text.enable : text.disable}
      </Button>
      {asked ? (
        <Ask
          title={off ? text.enableReally(name) : text.disableReally(name)}
          effect={<p>{off ? text.enableEffect : text.disableEffect}</p>}
          said={off ? undefined : { label: text.note, hint: text.noteWhy }}
          verb={off ? text.enable : text.disable}
          act={(reason) => (off ? enable(module, reason) : disable(module, reason))}
          done={() => toast(off ? text.isEnabled(name) : text.isDisabled(name))}
          onClose={() => ask(false)}
        />
      ) : null}
    </>
  );
}
