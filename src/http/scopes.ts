/** What a token may do. Each scope includes the ones before it: halting needs less than resuming or deploying. */
export const SCOPES = ['read', 'ack', 'halt', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

export const isScope = (value: unknown): value is Scope => (SCOPES as readonly unknown[]).includes(value);

export const covers = (held: Scope, needed: Scope): boolean => SCOPES.indexOf(held) >= SCOPES.indexOf(needed);
