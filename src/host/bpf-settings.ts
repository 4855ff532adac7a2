/** `struct settings` of `bpf/maps.h`. */
import type { BpfMap } from './bpf.ts';

/** What programs are to know of their node. */
export interface ProgramSettings {
  /** Whether they send on themselves what the kernel would only route. */
  readonly express: boolean;
  /** Interface index. */
  readonly pmip: number;
  /** Whether the kernel has the feature of that name. */
  readonly decapL3: boolean;
}

/** Throws `SystemCallError`. */
export function setSettings(
  { byName: { settings } }: { readonly byName: Readonly<Record<'settings', BpfMap>> },
  { express, pmip, decapL3 }: ProgramSettings,
): void {
  settings.key.writeUInt32LE(0);
  const words = [Number(express), pmip, Number(decapL3)];
  for (const [i, word] of words.entries()) settings.value.writeUInt32LE(word, i * 4);
  settings.update();
}
