/** Figures as alerts tell them: no more digits than a person can use, but for the inputs, which are what was judged. */
import type { Figure, Inputs } from '../domain/alerts.ts';
import { Decimal, dec } from '../domain/decimal.ts';

/** Decimals that money and prices have; a figure with more is a quotient, or was a double. */
const PLACES_OF_MONEY = 5;
const DIGITS = 6;

/** Whole numbers, money and prices as they are; everything else to six significant digits. */
export function readable(value: Decimal): Decimal {
  const [whole = '', fraction = ''] = value.abs().toString().split('.');
  if (fraction.length <= PLACES_OF_MONEY) return value;
  const leading = whole === '0' ? -/^0*/.exec(fraction)![0].length : whole.length;
  return value.rounded(Math.max(0, DIGITS - leading));
}

export function readableFigure(figure: Figure): Figure {
  if (figure instanceof Decimal) return readable(figure);
  return typeof figure === 'number' && Number.isFinite(figure) ? readable(dec(figure)).toNumber() : figure;
}

/** Decimals are exact, so that they agree with the halt and `/status`; a double has no more digits than it is worth. */
export function readableInputs(inputs: Inputs): Inputs {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [name, typeof value === 'number' ? readableFigure(value) : value]),
  );
}
