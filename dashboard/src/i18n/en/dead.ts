export const dead = {
  title: "Dead letters",
};
