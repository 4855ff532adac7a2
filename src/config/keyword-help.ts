/** What a keyword means that several commands have in common: by the words up to it, and by itself. */
const HELP: Readonly<Record<string, string>> = {
  aaa: 'Authentication, authorization and accounting',
  address: 'Addresses of this node',
  attribute: 'Attributes of requests',
  bce: 'Binding cache entries',
  binding: 'Bindings of mobile nodes',
  bri: 'Binding Revocation Indications',
  delay: 'Waits for the answer',
  'gre-encap-key': 'GRE keys of the mobile node',
  ip: 'IPv4',
  ipv6: 'IPv6',
  mobile: 'Mobile IPv6',
  'mobile-network': 'Networks for mobile routers',
  option: 'Options of DHCP',
  pmipv6: 'Proxy Mobile IPv6',
  'pmipv6-domain': 'PMIPv6 domains',
  pool: 'Pools of addresses',
  'radius-server': 'RADIUS servers',
  'radius-server attribute 31': 'Calling-Station-Id',
  'radius-server attribute 32': 'NAS-Identifier',
  'radius-server attribute 55': 'Event-Timestamp',
  send: 'What requests say',
  tcp: 'TCP connections of mobile nodes',
  tunnel: 'Tunnels to the peers',
  vsa: 'Vendor-specific attributes',
};

/** `words` end with the keyword; undefined when nothing is known of it. */
export function keywordHelp(words: readonly string[]): string | undefined {
  return HELP[words.join(' ')] ?? HELP[words.at(-1) ?? ''];
}
