/** What the reasons mean for which packets of mobile nodes went no further. */
const HINTS: Readonly<Record<string, string>> = {
  'no-binding': 'No mobile node is registered with the address that it was from, or for',
  'tunnel-no-binding': 'It came through the tunnel of a peer for an address that no mobile node has',
  'tunnel-unknown-peer': 'It came in the form of a tunnel, but from no peer of this node',
  'tunnel-wrong-peer': 'It came through another tunnel than the one its mobile node is behind: late, or forged',
  'tunnel-wrong-type': 'It came from the right peer in another encapsulation than was agreed',
  'tunnel-wrong-port': 'It came with other UDP ports than were agreed',
  'tunnel-wrong-key': 'It came with another GRE key than was agreed',
  'tunnel-congested': 'The tunnel was congested, and the packet inside cannot be marked instead',
  'spoofed-source':
    'It came with an address that is not its sender’s: on an access link, or from correspondent nodes with that of a mobile node',
  malformed: 'It could not be read',
  multicast: 'To a group or to everybody: such packets do not go through tunnels',
  'peer-unreachable': 'There is no route to the peer',
  'encapsulation-failed': 'The kernel could not put it into the tunnel',
  'decapsulation-failed': 'The kernel could not take it out of the tunnel',
  'spoofed-gateway': 'It came from an access link with an address that is the gateway’s own',
  'invalid-source': 'It came from an access link with a source that no node can have, such as a group',
  'for-tunnel-end': 'It came from an access link for the address at which this node’s tunnels end',
  denied: 'The access list on the tunnels does not permit it',
  keepalive: 'It came to keep the state of a NAT on its way, and has done so: no loss',
  'slow-path-limit': 'Too many packets at once that the daemon would have had to handle itself',
  'slow-path-unexpected': 'It came to the daemon, which had no use for it',
  'hop-limit': 'It had been forwarded as often as it may be',
  'too-big': 'It was larger than the tunnel carries, and its sender was told',
  'too-big-for-link': 'It was larger than the access link of its mobile node carries',
  'icmp-limit': 'An error message that was not sent, as there were too many of them',
};

export function dropHint(reason: string): string | undefined {
  return HINTS[reason];
}
