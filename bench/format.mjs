/** Figures as the tables show them. A spread is `{ median, least, most }`. */

export function whole(value) {
  return Math.round(value).toLocaleString('en').replaceAll(',', ' ');
}

const share = (value) => value.toPrecision(2);
const micro = (value) => (value < 1000 ? `${Math.round(value)} µs` : milli(value / 1000));
const milli = (value) => `${value < 10 ? value.toFixed(2) : whole(value)} ms`;
/** Large where it is large: megabytes a second and ticks a second share a way. */
const figure = (value) => (value < 10 ? share(value) : whole(value));
const spread =
  (one) =>
  ({ median, least, most }) =>
    `${one(median)} (${one(least)} to ${one(most)})`;

/** By the name that a column gives. */
export const FORMATS = {
  text: (value) => value,
  rate: (value) => value.toFixed(1),
  whole,
  micro,
  milli,
  ratio: spread(share),
  spread: spread(figure),
  middle: ({ median }) => figure(median),
  spreadMilli: spread(milli),
  middleMilli: ({ median }) => milli(median),
  times: ({ median }) => `${figure(median)} times`,
  percent: (value) => `${Math.round(value * 100)} %`,
  megabytes: (value) => `${value < 100e6 ? (value / 1e6).toFixed(1) : whole(value / 1e6)} MB`,
};
