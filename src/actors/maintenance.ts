/** When a gateway may be away without anybody being told, as the configuration says. */
import type { MaintenanceWindow } from '../config/mt5-venue.ts';
import type { EpochMs } from '../domain/time.ts';
import { Session } from '../risk/sessions.ts';

export class Maintenance {
  readonly #windows: readonly Session[];

  constructor(windows: readonly MaintenanceWindow[]) {
    this.#windows = windows.map(({ zone, from, to }) => new Session({ zone, open: from, close: to, holidays: [] }));
  }

  isOn(now: EpochMs): boolean {
    return this.#windows.some((window) => window.isOpen(now));
  }

  /** Why the gateway is away, with the word that it was to be expected. */
  explain(cause: string, now: EpochMs): string {
    return this.isOn(now) ? `${cause} (in a known maintenance window)` : cause;
  }
}
