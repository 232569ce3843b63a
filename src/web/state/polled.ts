/** An answer that has no stream, asked for again and again while it is shown, and at once when something happened. */
import { useEffect, useState } from 'preact/hooks';
import { get, Refusal, wordsOf } from './api.ts';
import { events, link } from './store.ts';

const EVERY_MS = 5000;

export type Polled<T> =
  | { readonly is: 'asking' }
  | { readonly is: 'answer'; readonly value: T }
  /** The daemon has no such thing. */
  | { readonly is: 'absent' }
  | { readonly is: 'failed'; readonly why: string };

/** @param type of the events that change it */
export function usePolled<T>(path: string, type: string): readonly [Polled<T>, () => void] {
  const [state, setState] = useState<Polled<T>>({ is: 'asking' });
  const last = events.value.findLast((event) => event.type === type);
  const ask = (): void =>
    void get<T>(path).then(
      (value) => setState({ is: 'answer', value }),
      (error: unknown) =>
        setState(
          error instanceof Refusal && error.status === 404 ? { is: 'absent' } : { is: 'failed', why: wordsOf(error) },
        ),
    );
  useEffect(() => {
    ask();
    const timer = setInterval(ask, EVERY_MS);
    return () => clearInterval(timer);
  }, [path, last, link.value.state]);
  return [state, ask];
}
