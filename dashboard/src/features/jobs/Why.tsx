import { useQuery } from "@tanstack/react-query";

import { Link } from "@tanstack/react-router";

import { Section } from "../../design/Page";
import { visible } from "../../design/visible";
import { useText } from "../../i18n/text";
import { whyQuery } from "../../server/jobs";

/** All that stands in a job's way. */
export function Why({ id }: { id: string }) {
  const text = useText("jobs").jobs;
  const { data } = useQuery(whyQuery(id));
  if (!data) return null;
  return (
    <Section title={text.why}>
      <ul>
        {data.causes.map((cause) => (
          <li key={cause.text}>
            {visible(cause.text)}
            {cause.jobs.slice(0, 5).map((job) => (
              <span key={job}>
                {" "}
                <Link to="/jobs/$id" params={{ id: job }}>
                  <code>{job}</code>
                </Link>
              </span>
            ))}
          </li>
        ))}
      </ul>
    </Section>
  );
}
