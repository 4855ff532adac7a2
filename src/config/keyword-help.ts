/** What a keyword means that several commands have in common: by the words up to it, and by itself. */
const HELP: Readonly<Record<string, string>> = {
  aaa: 'Authentication, authorization and accounting',
  address: 'Addresses of this node',
  attribute: 'Attributes of requests',
  bce: 'Binding cache entries',
  binding: 'Bindings of mobile nodes',
  bri: 'Binding Revocation Indications',
  clear: 'End bindings, or begin counters and buffers anew',
  debug: 'Tell events and messages as they happen',
  delay: 'Waits for the answer',
  dhcp: 'DHCP on the access links',
  'gre-encap-key': 'GRE keys of the mobile node',
  ip: 'IPv4',
  ipv6: 'IPv6',
  lma: 'Local mobility anchors',
  mag: 'Mobile access gateways',
  'mobile-network': 'Networks for mobile routers',
  mobile: 'Mobile IPv6',
  option: 'Options of DHCP',
  packet: 'Messages to and from clients',
  'pmipv6-domain': 'PMIPv6 domains',
  pmipv6: 'Proxy Mobile IPv6',
  pool: 'Pools of addresses',
  'radius-server attribute 31': 'Calling-Station-Id',
  'radius-server attribute 32': 'NAS-Identifier',
  'radius-server attribute 55': 'Event-Timestamp',
  'radius-server': 'RADIUS servers',
  send: 'What requests say',
  server: 'The DHCP server of the access links',
  show: 'Show what runs',
  tcp: 'TCP connections of mobile nodes',
  terminal: 'Settings of this terminal',
  tunnel: 'Tunnels to the peers',
  undebug: 'Tell no more of what is debugged',
  vsa: 'Vendor-specific attributes',
};

/** `words` end with the keyword; undefined when nothing is known of it. */
export function keywordHelp(words: readonly string[]): string | undefined {
  return HELP[words.join(' ')] ?? HELP[words.at(-1) ?? ''];
}
