export const queues = {
  title: "Queues",
};
