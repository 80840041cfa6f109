import { Mark } from "../../design/Mark";
import { STATES, type State } from "../../design/states";
import { Tabs } from "../../design/Tabs";
import { useText } from "../../i18n/text";
import type { Filter, Seen } from "../../server/seen";
import type { StateCount } from "../../server/jobs";
import styles from "./List.module.css";

/** How many there are in these states together, and whether there may be more. */
export function sumOf(counts: readonly StateCount[], states: readonly State[] | undefined): { count: number; more: boolean } {
  const meant = counts.filter((each) => states === undefined || states.includes(each.state));
  return { count: meant.reduce((sum, each) => sum + each.count, 0), more: meant.some((each) => each.more) };
}

interface Props {
  filter: Filter;
  /** How the list is shown; each tab keeps that. */
  shown: Pick<Seen, "cols" | "size">;
  counts: readonly StateCount[] | undefined;
}

/** One tab for each state, with how many match in it. */
export function StateTabs({ filter, shown, counts }: Props) {
  const text = useText("jobs");
  const { state, ...narrowed } = filter;
  const rest = { ...narrowed, ...shown };
  const one = state?.length === 1 ? state[0] : undefined;
  const number = (states: State[] | undefined) => {
    if (!counts) return null;
    const { count, more } = sumOf(counts, states);
    const short = count >= 10_000 ? `${Math.floor(count / 1_000)}k` : text.common.count(count);
    return <span className={styles.count}>{more ? `${short}+` : count >= 10_000 ? text.common.count(count) : short}</span>;
  };
  const { after: _, ...others } = narrowed;
  const bounded = Object.values(others).some((each) => each !== undefined);
  return (
    <>
      <Tabs
        name={text.jobs.state}
        tabs={[
          {
            name: (
              <>
                {text.jobs.all} {number(undefined)}
              </>
            ),
            key: "all",
            to: "/jobs",
            search: rest,
            current: state === undefined,
          },
          ...STATES.map((each: State) => ({
            name: (
              <>
                <Mark state={each} /> {text.common.states[each]} {number([each])}
              </>
            ),
            key: each,
            to: "/jobs",
            search: { ...rest, state: [each] },
            current: one === each,
          })),
        ]}
      />
      {bounded && counts?.some((each) => each.more) ? <p className={styles.note}>{text.jobs.counted}</p> : null}
    </>
  );
}
