/** Work that is done again every second, and must go on whatever it throws. */
import type { Survive } from '../../alerts/evaluate.ts';
import { errorView, type OnFault } from '../fault-tolerant.ts';

/** Tells of what is thrown once, and anew when it is another or the work had gone well meanwhile. */
export function survivor(onFault: OnFault): Survive {
  const lasting = new Map<string, string>();
  return (during, work) => {
    try {
      const result = work();
      lasting.delete(during);
      return result;
    } catch (thrown) {
      const error = errorView(thrown);
      if (lasting.get(during) === error.message) return undefined;
      lasting.set(during, error.message);
      onFault({ type: 'FAULT', error, during });
      return undefined;
    }
  };
}
