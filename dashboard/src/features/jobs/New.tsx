import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";

import { Skeleton } from "../../design/Notice";
import { useText } from "../../i18n/text";
import { callableQuery } from "../../server/calls";
import { kept } from "../../server/draft";
import { jobQuery } from "../../server/jobs";
import type { Asks } from "../../server/queries";
import { argumentsOf } from "../../server/schema";
import { Unshown } from "../../shell/Broken";
import { EMPTY, like, type Draft } from "./new/draft";
import { Form } from "./new/Form";

export const asks: Asks = () => [callableQuery];

/** Asks for a job: of a task, like another one, or as it was left when one went away. */
export function New() {
  const { task, from } = useSearch({ from: "/inside/jobs/new" });
  if (from) return <Like key={from} id={from} />;
  const left = kept<Draft>("job");
  const draft = { ...EMPTY, ...left };
  const initial = task && draft.task !== task ? { ...EMPTY, task } : draft;
  return <Form key={task ?? ""} initial={initial} />;
}

function Like({ id }: { id: string }) {
  const text = useText("call");
  const job = useQuery(jobQuery(id));
  const tasks = useQuery(callableQuery);
  const error = job.error ?? tasks.error;
  if (error && !(job.data && tasks.data)) return <Unshown title={text.call.new.title} error={error} />;
  if (!job.data || !tasks.data) return <Skeleton name={text.common.loading} />;
  const parameters = tasks.data.find((each) => each.task === job.data.task)?.parameters ?? null;
  const masked = job.data.arguments === "***";
  return (
    <Form
      initial={like(job.data, argumentsOf(parameters), parameters !== null)}
      about={
        <>
          <Link to="/jobs/$id" params={{ id }}>
            {text.call.new.again(id)}
          </Link>{" "}
          {masked ? text.call.new.masked : null}
        </>
      }
    />
  );
}
