/** Dark or light: as the system has it, until a person says otherwise. */
import { signal } from '@preact/signals';

const KEY = 'qkt-theme';
const dark = matchMedia('(prefers-color-scheme: dark)');

/** Also what plots are drawn anew by. */
export const theme = signal<'dark' | 'light'>(kept() ?? (dark.matches ? 'dark' : 'light'));

export function followTheme(): void {
  apply();
  dark.addEventListener('change', () => {
    if (kept() === undefined) set(dark.matches ? 'dark' : 'light');
  });
}

export function toggleTheme(): void {
  const next = theme.value === 'dark' ? 'light' : 'dark';
  localStorage.setItem(KEY, next);
  set(next);
}

function set(next: 'dark' | 'light'): void {
  theme.value = next;
  apply();
}

const apply = (): void => void (document.documentElement.dataset['theme'] = theme.value);

function kept(): 'dark' | 'light' | undefined {
  const value = localStorage.getItem(KEY);
  return value === 'dark' || value === 'light' ? value : undefined;
}
