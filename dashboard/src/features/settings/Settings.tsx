import { useQuery } from "@tanstack/react-query";

import { Check, Choice } from "../../design/Field";
import { Facts } from "../../design/Facts";
import { Head, Section } from "../../design/Page";
import { LANGUAGES, useLanguage, useText, type Language } from "../../i18n/text";
import { address } from "../../server/http";
import { serverQuery } from "../../server/server";
import { Failed } from "../../shell/Broken";
import { useKeys } from "../../shell/keys";
import { DENSITIES, setDensity, setTheme, THEMES, useDensity, useTheme, type Density, type Theme } from "../../shell/theme";
import styles from "./Settings.module.css";
import { Zone } from "./Zone";

/** How it looks and speaks to whoever looks, and what it is. */
export function Settings() {
  const text = useText("settings", "shell");
  const words = text.settings;
  const { language, choose } = useLanguage();
  const keys = useKeys();
  return (
    <>
      <Head title={words.title} lede={words.lede} />
      <div className={styles.parts}>
        <Section title={words.look}>
          <div className={styles.fields}>
            <Choice label={words.theme} value={useTheme()} options={THEMES.map((each) => [each, text.shell.themes[each]])} onChange={(event) => setTheme(event.target.value as Theme)} />
            <Choice label={words.density} value={useDensity()} options={DENSITIES.map((each) => [each, words.densities[each]])} onChange={(event) => setDensity(event.target.value as Density)} />
            <Choice label={words.language} value={language} options={Object.entries(LANGUAGES)} onChange={(event) => choose(event.target.value as Language)} />
          </div>
        </Section>
        <Section title={words.time}>
          <Zone />
        </Section>
        <Section title={words.keys}>
          <Check label={words.single} checked={keys.on} onChange={(event) => keys.turn(event.target.checked)} />
          <p className={styles.hint}>
            {words.singleHint} {keys.on ? words.allKeys : null}
          </p>
        </Section>
        <Section title={words.server}>
          <Server />
        </Section>
        <Section title={words.about}>
          <p>{words.aboutText}</p>
          <p>
            <a href={address("api/v1/docs").href}>{words.document}</a>
          </p>
        </Section>
      </div>
    </>
  );
}

function Server() {
  const words = useText("settings").settings;
  const { data, error, refetch } = useQuery(serverQuery);
  if (error && !data) return <Failed error={error} again={() => void refetch()} />;
  if (!data) return null;
  return (
    <Facts
      facts={[
        [words.release, data.release],
        [words.engine, data.engine === null ? words.engineHidden : (words.engines[data.engine] ?? data.engine)],
        [words.build, data.build || words.noBuild],
        [words.address, document.baseURI],
      ]}
    />
  );
}
