export const statistics = {
  title: "Statistics",
};
