import { useQuery } from "@tanstack/react-query";

import { Section } from "../../design/Page";
import { useText } from "../../i18n/text";
import { whyQuery } from "../../server/jobs";
import { Causes } from "../../shell/Causes";

/** All that stands in a job's way. */
export function Why({ id }: { id: string }) {
  const text = useText("jobs").jobs;
  const { data } = useQuery(whyQuery(id));
  if (!data) return null;
  return (
    <Section title={text.why}>
      <Causes causes={data.causes} />
    </Section>
  );
}
