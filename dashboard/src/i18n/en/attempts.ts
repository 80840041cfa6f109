export const attempts = {
  title: "Attempts",
};
