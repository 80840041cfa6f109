// The peer: graphile-worker, with and without its batching; it deletes a job that is done.

import { Logger, makeWorkerUtils, run } from "graphile-worker";
import { BULK, Countdown, enqueueFor, main, PAYLOAD, url } from "./clock.mjs";

const logger = new Logger(() => () => {});

// The best of 1, 10, 24 and 50 at once, on two processors.
const unbatched = { concurrentJobs: 24, maxPoolSize: 26 };

// The best of 10, 24 and 100 at once, of lots from 200 to 5,000.
const batched = {
  concurrentJobs: 10,
  localQueue: { size: 2000 },
  completeJobBatchDelay: 0,
  failJobBatchDelay: 0,
};

await main({
  enqueue: async () => {
    const utils = await opened();
    await enqueueFor(async () => {
      await utils.addJob("nothing", { payload: PAYLOAD });
      return 1;
    });
  },
  bulk: async () => {
    const utils = await opened();
    await enqueueFor(() => storeThousand(utils));
  },
  drain: () => drain(unbatched),
  "drain-batched": () => drain(batched),
});

async function drain(settings) {
  const utils = await opened();
  const countdown = new Countdown();
  await countdown.fill(() => storeThousand(utils));
  const runner = await run({
    preset: { worker: { connectionString: url, logger, ...settings } },
    noHandleSignals: true,
    taskList: { nothing: async () => countdown.tick() },
  });
  await countdown.empty;
  await runner.stop();
}

async function opened() {
  const utils = await makeWorkerUtils({ connectionString: url, logger });
  await utils.migrate();
  return utils;
}

async function storeThousand(utils) {
  const job = { identifier: "nothing", payload: { payload: PAYLOAD } };
  await utils.addJobs(Array(BULK).fill(job));
  return BULK;
}
