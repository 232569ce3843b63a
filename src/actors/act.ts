/** A command of a person, as it is kept: who, what, on which strategy, and why. */
export interface Act {
  readonly command: string;
  /** A strategy's name; null for all of them. */
  readonly target: string | null;
  readonly by: string;
  readonly reason?: string;
  readonly args?: Readonly<Record<string, unknown>>;
}

/** Runs a command and keeps it with its outcome; `target` says what it was about where only the result tells. */
export type Told = <T>(act: Act, run: () => Promise<T>, target?: (result: T) => string) => Promise<T>;
