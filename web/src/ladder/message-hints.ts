/** What messages are for, for who meets their names the first time. */
const HINTS: Readonly<Record<string, string>> = {
  PBU: 'Proxy Binding Update: the gateway registers the mobile node at the anchor, extends that, or ends it',
  PBA: 'Proxy Binding Acknowledgement: the anchor answers, with the addresses of the mobile node',
  BRI: 'Binding Revocation Indication: the anchor tells the gateway that the mobile node is no longer its own',
  BRA: 'Binding Revocation Acknowledgement: the gateway has let go of the mobile node',
  DHCPDISCOVER: 'The mobile node looks for somebody who gives it an IPv4 address',
  DHCPOFFER: 'The gateway offers the home address that the anchor gave',
  DHCPREQUEST: 'The mobile node wants that address, or wants to keep it',
  DHCPACK: 'The address is the mobile node’s',
  DHCPNAK: 'The mobile node must not use that address',
  DHCPRELEASE: 'The mobile node gives its address back',
  DHCPDECLINE: 'The mobile node found the address in use by somebody else',
  'Router Solicitation': 'The mobile node asks for its IPv6 prefix and its router',
  'Router Advertisement': 'The gateway tells the mobile node its IPv6 prefix and its router',
  'Access-Request': 'The node asks the RADIUS server who this is, and what it may have',
  'Access-Accept': 'The RADIUS server admits the mobile node, with its profile',
  'Access-Reject': 'The RADIUS server does not admit the mobile node',
  'Accounting-Request': 'The node tells the RADIUS server that service began, goes on or ended',
  'Accounting-Response': 'The RADIUS server has noted it',
};

export function messageHint(name: string): string | undefined {
  return HINTS[name];
}
