import { type IpAddress, sameAddress } from '#base/ip-address.ts';
import type { MagContext } from './context.ts';
import { announceSession } from './session.ts';

/**
 * RFC 5213 §6.9.5(7) "Path MTU Discovery": "If the mobile access gateway detects a change in the MTU value for any of the paths (LMA-MAG) and at any point of
 * time, the corresponding tunnel MTU value MUST be updated to reflect the change in Path MTU value. The adjusted tunnel MTU value ...
 * SHOULD be notified to the impacted mobile nodes by sending additional Router Advertisement messages."
 */
export function resizePath(mag: MagContext, remote: IpAddress, mtu: number): void {
  if (mag.pathMtu(remote) === mtu) return;
  mag.setPathMtu(remote, mtu);
  for (const binding of mag.bindings) {
    if (sameAddress(binding.granted?.path.remote, remote)) mag.resized.add(binding, undefined, mag.instant);
  }
}

/** Announces the sessions whose turn it is. */
export function announceResized(mag: MagContext): void {
  for (const [binding] of mag.resized.take(mag.instant)) {
    const { granted, state } = binding;
    if (mag.bindings.get(binding.mac) === binding && granted && state !== 'DISCONNECTING') {
      announceSession(mag, binding, granted);
    }
  }
}
