import { effectiveCapabilities, missingCapabilities, NEEDED_CAPABILITIES } from '#daemon/preflight.ts';
import { type Check, error, ok } from './finding.ts';

/** What this user's processes may do. */
export const rights: Check = {
  name: 'rights',
  examine() {
    const missing = missingCapabilities(effectiveCapabilities());
    if (missing.length === 0) return [ok('this user may open raw sockets, change the network and load BPF programs')];
    const advice = `run the daemon as root, or give it these, for instance with "AmbientCapabilities=${NEEDED_CAPABILITIES.join(' ')}" in a systemd unit`;
    return [error(`a process of this user lacks ${missing.join(', ')}`, advice)];
  },
};
