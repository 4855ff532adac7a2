import type { Random } from '#base/random.ts';
import { milliseconds } from '#base/time.ts';
import { HeartbeatMachine } from '../heartbeat/index.ts';
import type { Pace } from '../paced-queue.ts';
import type { BindingList } from './binding-list.ts';
import type { MagConfig } from './events.ts';
import type { LmaDirectory } from './lma-directory.ts';
import { proven } from './proof.ts';
import { signallingPath } from './signalling-path.ts';

/** Chooses: two hundred a second, so that a restarted LMA, which hears from all its MAGs, can answer before they ask again. */
export const RE_REGISTRATION_PACE: Pace = { batch: 10, gap: milliseconds(50) };

export function createHeartbeats(
  config: MagConfig,
  restartCounter: number,
  random: Random,
  { bindings, lmas }: { readonly bindings: BindingList; readonly lmas: LmaDirectory },
): HeartbeatMachine {
  return new HeartbeatMachine({
    config: config.heartbeat,
    restartCounter,
    random,
    sessionsWith: ({ remote }) => {
      let count = 0;
      for (const { peer, granted, state } of bindings) {
        if (granted && state !== 'DISCONNECTING' && peer.remote.key === remote.key) count++;
      }
      return count;
    },
    proven: (output) => proven(lmas, output),
    announceTo: config.lmas.flatMap((lma) => signallingPath(config.addresses, lma) ?? []),
  });
}
