import { Facts } from "../../design/Facts";
import { Section } from "../../design/Page";
import { Time } from "../../design/Time";
import { useText } from "../../i18n/text";
import type { Module } from "../../server/modules";
import { person } from "../../server/names";
import styles from "./Detail.module.css";
import { quotasSaid } from "./said";

/** What there is to know of a module beside what it brings. */
export function About({ module }: { module: Module }) {
  const all = useText("modules");
  const text = all.modules;
  const may = module.permissions;
  return (
    <>
      <Section title={text.about}>
        <Facts
          facts={[
            [text.version, module.version],
            [text.written, module.place],
            [text.services, module.services.join(", ")],
            [text.quotas, quotasSaid(module, all) || text.noQuota],
            [
              text.changed,
              module.changed_at ? (
                <>
                  <Time at={module.changed_at} only="ago" />
                  {module.changed_by ? `, ${person(module.changed_by)}` : ""}
                </>
              ) : null,
            ],
          ]}
        />
      </Section>
      <Section title={text.permissions}>
        {may === null ? (
          <p className={styles.plain}>{text.whatever}</p>
        ) : (
          <Facts
            facts={[
              [text.queuesTo, [module.module, ...may.queues].join(", ")],
              [text.emits, may.emit.join(", ") || text.nothing],
              [text.hears, may.hear.join(", ") || text.nothing],
            ]}
          />
        )}
      </Section>
    </>
  );
}
