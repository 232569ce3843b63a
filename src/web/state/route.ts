/** Where the page is: the fragment of its address, so that a reload and the back button work. */
import { computed, signal } from '@preact/signals';

export type View = 'fleet' | 'strategy' | 'alerts' | 'gateways';
export interface Route {
  readonly view: View;
  readonly name?: string;
}

const route = signal<Route>(read());
export const view = computed(() => route.value.view);
export const chosenName = computed(() => route.value.name);

export const addressOf = (name: string): string => `#/s/${encodeURIComponent(name)}`;

export function followAddress(): void {
  route.value = read();
  addEventListener('hashchange', () => {
    route.value = read();
  });
}

function read(): Route {
  const [, first = '', second] = location.hash.split('/');
  if (first === 's' && second !== undefined) return { view: 'strategy', name: decoded(second) };
  return { view: first === 'alerts' || first === 'gateways' ? first : 'fleet' };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
