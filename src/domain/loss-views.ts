/** How a strategy lost its code, as it is kept and shown. */

export interface ErrorView {
  readonly code: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/**
 * Why a strategy's code was lost. `spinning`: it hangs with its thread busy; `idle`: it hangs with the
 * thread asleep (a lock, a wait); `rejected`: a promise of the author's that nobody caught; `exited`: it
 * ended its own thread; `died`: the thread or process is gone for another reason; `launchFailed`: it
 * did not get ready; `fault`: the daemon's own code threw on its path.
 */
export const LOSS_CAUSES = [
  'spinning',
  'idle',
  'threw',
  'rejected',
  'exited',
  'outOfMemory',
  'flooding',
  'died',
  'launchFailed',
  'fault',
] as const;

export type LossCause = (typeof LOSS_CAUSES)[number];

/** One loss of a strategy's code, as it is kept; also a restart of the daemon does not forget it. */
export interface LossView {
  readonly ts: string;
  readonly cause: LossCause;
  readonly detail: string;
  readonly error?: ErrorView;
  /** When the code was started again, by the daemon or by a person; null while it was not. */
  readonly restartedAt: string | null;
}
