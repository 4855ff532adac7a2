import type { DomainView } from '#proto/aaa/domain-loader.ts';
import { domainText } from './globals.ts';
import { text } from './layout.ts';

/** `show aaa domains`. */
export function renderAaaDomains(views: readonly DomainView[]): string {
  if (views.length === 0) return text(['No domain is loaded from AAA']);
  return text(views.map((view) => `Domain ${view.domain}: ${domainText(view)}`));
}
