import type { ForwardingChange } from '#dataplane/desired.ts';
import { encapsulationName, keysOf } from '#proto/tunnel-path.ts';

/** What is asked of the data plane, which carries the packets without a word of its own. */
export function tunnelText(change: ForwardingChange): string {
  if (change.kind === 'clear') return `Tunnel: ${change.forwardingKind} binding ${change.id} has no tunnel any more`;
  const { kind, id, homeAddress, prefixes, paths } = change.forwarding;
  const addresses = [...(homeAddress ? [homeAddress] : []), ...prefixes].join(' ');
  const ways = paths.map((path) => {
    const keys = keysOf(path);
    const keyed = keys ? ` key out ${keys.send} in ${keys.receive}` : '';
    return `${encapsulationName(path)} ${path.local}->${path.remote}${keyed}`;
  });
  return `Tunnel: ${kind} binding ${id} (${addresses}) encapsulated ${ways.join(', ')}`;
}
