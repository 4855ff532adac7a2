import type { Attachment } from '../api/types.ts';
import { quantile } from '../chart/histogram.ts';

/** From the first frame until the update leaves, until it is acknowledged, until packets are forwarded. */
export const PART_NAMES = ['detection', 'registration', 'forwarding'] as const;
export type PartName = (typeof PART_NAMES)[number];

/** Milliseconds. */
export type Parts = Readonly<Record<PartName, number>> & { readonly total: number };

/** `undefined` while it is not complete, or was not caused by a frame. */
export function partsOf({ trigger, stepsMs }: Attachment): Parts | undefined {
  const { pbuSent, pbaReceived, forwardingReady } = stepsMs;
  if (trigger === null || pbuSent === undefined || pbaReceived === undefined || forwardingReady === undefined)
    return undefined;
  return {
    detection: pbuSent,
    registration: pbaReceived - pbuSent,
    forwarding: forwardingReady - pbaReceived,
    total: forwardingReady,
  };
}

export interface Share {
  readonly name: PartName;
  readonly medianMs: number;
  /** What 99 of 100 do not exceed. */
  readonly slowMs: number;
}

/** What each part takes of the attachments that are complete. */
export function sharesOf(attachments: readonly Attachment[]): Share[] {
  const all = attachments.flatMap((one) => partsOf(one) ?? []);
  return PART_NAMES.map((name) => {
    const seen = all.map((parts) => ({ value: parts[name], count: 1 }));
    return { name, medianMs: quantile(seen, 0.5) ?? 0, slowMs: quantile(seen, 0.99) ?? 0 };
  });
}
