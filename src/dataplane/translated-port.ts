import { type Duration, seconds } from '#base/time.ts';
import type { Path } from './desired.ts';

/**
 * Chooses: a path follows its remote to another port at most this often, whoever sends from there, so that a forger does not
 * keep it moving (docs/decisions/0022-nat-and-the-data-port.md). As in `bpf/moved-port.h`.
 */
export const PORT_MOVE_INTERVAL: Duration = seconds(1);

/** The UDP port that a NAT gives to what the remote of a path sends. */
export interface TranslatedPort {
  readonly port: number;
  /** How often it was found to be another one, the first time included. */
  readonly moves: number;
}

/** The path as packets travel on it now. */
export function atPort(path: Path, translated: TranslatedPort | undefined): Path {
  const { encapsulation } = path;
  if (!translated || encapsulation.kind !== 'udp') return path;
  return { ...path, encapsulation: { ...encapsulation, remotePort: translated.port } };
}

export function isTranslated({ encapsulation }: Path): boolean {
  return encapsulation.kind === 'udp' && encapsulation.translated === true;
}
