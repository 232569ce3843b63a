/** What a drill and the process of its twin say to one another. */

/** Makes one part of the twin fail, or mends it. */
export type ToTwin =
  | { readonly kind: 'feed'; readonly symbol: string; readonly silent: boolean }
  /** The process of the MT5 gateway is killed, or started again. */
  | { readonly kind: 'gateway'; readonly alive: boolean }
  | { readonly kind: 'reject'; readonly share: number }
  /** `held`: no write comes to an end; `full`: the journal has no byte left but its reserve. */
  | { readonly kind: 'disk'; readonly disk: 'well' | 'held' | 'full' }
  /** The time of day from now on, against the machine's. */
  | { readonly kind: 'clock'; readonly offsetMs: number };

export type FromTwin =
  | { readonly kind: 'ready'; readonly controlPort: number }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly message: string };
