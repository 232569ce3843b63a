/** Who sits before the page: the token of a one-time link, kept for this tab alone, or nobody. */
import { computed, signal } from '@preact/signals';

export interface Session {
  readonly token: string;
  readonly name: string;
  readonly scope: 'read' | 'ack' | 'halt' | 'admin';
  readonly expiresAt: string;
}

const KEY = 'qkt-session';
const SCOPES = ['read', 'ack', 'halt', 'admin'] as const;

export const session = signal<Session | null>(recall());
/** Why the last link opened nothing. */
export const linkError = signal<string | null>(null);
const held = computed(() => (session.value === null ? -1 : SCOPES.indexOf(session.value.scope)));

/** Whether this session may send commands of that scope. */
export const may = (scope: Session['scope']): boolean => held.value >= SCOPES.indexOf(scope);

export function authorization(): Record<string, string> {
  return session.value === null ? {} : { authorization: `Bearer ${session.value.token}` };
}

/** The daemon does not know the token any more. */
export function forget(): void {
  sessionStorage.removeItem(KEY);
  session.value = null;
}

/** Exchanges the code of a link (`#link=…`) for a token, and takes it out of the address. */
export async function enter(): Promise<void> {
  const [, code] = /^#link=([0-9a-f]+)$/.exec(location.hash) ?? [];
  if (code === undefined) return;
  history.replaceState(null, '', '/');
  const answer = await fetch('/daemon/dashboard/sessions', {
    method: 'POST',
    headers: { authorization: `Bearer ${code}`, 'content-type': 'application/json' },
    body: '{}',
  }).catch(() => undefined);
  if (answer?.status !== 201) {
    linkError.value = 'This link was used before, or is too old. qkt dashboard makes a new one.';
    return;
  }
  session.value = (await answer.json()) as Session;
  sessionStorage.setItem(KEY, JSON.stringify(session.value));
}

function recall(): Session | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Session | null;
    return kept !== null && Date.parse(kept.expiresAt) > Date.now() ? kept : null;
  } catch {
    return null;
  }
}
