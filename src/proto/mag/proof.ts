import type { SendOutput } from '../peer.ts';
import { proofOf } from '../peer-proof.ts';
import type { LmaDirectory } from './lma-directory.ts';

/** A revocation or heartbeat, or its answer, with what proves that it is this gateway's. */
export function proven(lmas: LmaDirectory, output: SendOutput): SendOutput {
  return { ...output, ...proofOf(lmas.at(output.to.remote) ?? {}, output.to.local) };
}
