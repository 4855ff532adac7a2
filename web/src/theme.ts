import { signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'mooring-theme';
const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

export const theme = signal<Theme>(THEMES.find((one) => one === localStorage.getItem(KEY)) ?? 'system');

/** Counts changes of how the page looks, for what draws with colours of its own. */
export const appearances = signal(0);

export function startTheme(): void {
  apply();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => appearances.value++);
}

export function nextTheme(): void {
  theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] as Theme;
  localStorage.setItem(KEY, theme.value);
  apply();
}

function apply(): void {
  document.documentElement.dataset.theme = theme.value;
  appearances.value++;
}
