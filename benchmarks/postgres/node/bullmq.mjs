// The peer: BullMQ on its PostgreSQL backend; it keeps completed jobs and their results.

import { createPostgresBackend, withBackend } from "bullmq";
import { BULK, Countdown, enqueueFor, main, PAYLOAD, RESULT, url } from "./clock.mjs";

const { Queue, Worker } = withBackend(createPostgresBackend);

// The best of 20, 100 and 300 at once, of 4, 10 and 20 connections, on two processors.
const CONCURRENCY = 100;
const CONNECTIONS = 20;

await main({
  enqueue: async () => {
    const queue = await opened();
    await enqueueFor(async () => {
      await queue.add("nothing", { payload: PAYLOAD });
      return 1;
    });
  },
  bulk: async () => {
    const queue = await opened();
    await enqueueFor(() => storeThousand(queue));
  },
  drain: async () => {
    const queue = await opened();
    const countdown = new Countdown();
    await countdown.fill(() => storeThousand(queue));
    const work = async () => {
      countdown.tick();
      return RESULT;
    };
    const options = { concurrency: CONCURRENCY, connection: connection(CONNECTIONS) };
    const worker = new Worker("bench", work, options);
    await countdown.empty;
    await worker.close();
  },
});

async function opened() {
  const queue = new Queue("bench", { connection: connection(2) });
  await queue.waitUntilReady();
  return queue;
}

function connection(max) {
  return { connectionString: url, migrate: true, max };
}

async function storeThousand(queue) {
  await queue.addBulk(Array(BULK).fill({ name: "nothing", data: { payload: PAYLOAD } }));
  return BULK;
}
