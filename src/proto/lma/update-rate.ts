import type { ClockReading } from '#base/time.ts';
import type { PeerAddress } from '../peer.ts';
import { logOfPeer } from './output.ts';
import type { LmaState } from './state.ts';
import { countUnder } from './stats.ts';

/**
 * Chooses: what one MAG sends beyond its rate is not answered, so that it tries again later and slower, and a MAG gone wild does not wear out the store
 * and the pools. Counted once it is authenticated: whoever forges its address does not use up its rate.
 */
export function isTooFast(state: LmaState, from: PeerAddress, now: ClockReading): boolean {
  if (state.updateLimits.allows(from.remote.key, now.instant)) return false;
  countUnder(state.stats.pbuDiscarded, 'more than the rate of a MAG');
  const { perSecond = 0 } = state.config.updateRate ?? {};
  const text = `Proxy Binding Updates of a MAG were discarded: it sends more than ${perSecond} a second`;
  logOfPeer(state, 'pbu-rate', text, { from: `${from.remote}`, perSecond }, now);
  return true;
}
