import type { NodeHistory, Step } from '../../../web/src/api/types.ts';
import { NOW, type World } from './world.ts';

type Message = Extract<Step, { readonly kind: 'message' }>;

const ANCHOR = '2001:db8:cafe:1024::101';

/** What the node tells of a mobile node: an attachment, and at an anchor the handover after it. */
export function historyOf(nai: string, world: World): NodeHistory {
  const binding = world.bindings.find((one) => one.nai === nai);
  if (!binding) return { nai, complete: true, steps: [], attachments: [] };
  const steps = binding.role === 'mag' ? atGateway(nai) : atAnchor(nai, binding.hoa ?? '');
  return { nai, complete: true, steps, attachments: [] };
}

function atAnchor(nai: string, homeAddress: string): Step[] {
  const [first, second] = [NOW - 600_000, NOW - 50_000];
  const signalling = (name: string, direction: Message['direction'], at: number, gateway: number, line: string) =>
    message({ name, direction, at, protocol: 'pmipv6', local: ANCHOR, remote: addressOf(gateway), tree: [name, line] });
  return [
    signalling('PBU', 'received', first, 2, `  mobile node identifier ${nai}`),
    event('binding-created', 'A mobile node was registered', first + 1),
    signalling('PBA', 'sent', first + 1, 2, `  home address ${homeAddress}`),
    signalling('PBU', 'received', second, 1, '  handoff indicator 3'),
    event('binding-handed-over', 'A mobile node moved to another MAG', second),
    signalling('PBA', 'sent', second + 1, 1, '  status 0 (accepted)'),
    signalling('BRI', 'sent', second + 1, 2, '  trigger 2'),
    signalling('BRA', 'received', second + 2, 2, '  status 0'),
  ];
}

function atGateway(nai: string): Step[] {
  const start = NOW - 50_000;
  const at = { protocol: 'dhcpv4', local: 'GigabitEthernet0/0/1', remote: '00:24:d7:00:00:01' } as const;
  const radius = { protocol: 'radius', local: 'this node', remote: '192.0.2.9:1812' } as const;
  const anchor = { protocol: 'pmipv6', local: addressOf(1), remote: ANCHOR } as const;
  return [
    event('mobile-node-seen', 'a mobile node was seen', start, { mac: '0024.d700.0001', trigger: 'layer-2-update' }),
    message({
      ...radius,
      name: 'Access-Request',
      direction: 'sent',
      at: start,
      tree: ['Access-Request', `  User-Name ${nai}`],
    }),
    message({
      ...radius,
      name: 'Access-Accept',
      direction: 'received',
      at: start + 4,
      tree: ['Access-Accept', '  Class x'],
    }),
    message({ ...anchor, name: 'PBU', direction: 'sent', at: start + 4, tree: ['PBU', '  sequence 17'] }),
    message({ ...anchor, name: 'PBA', direction: 'received', at: start + 6, tree: ['PBA', '  status 0 (accepted)'] }),
    event('session-active', 'it is served', start + 6),
    message({ ...at, name: 'DHCPDISCOVER', direction: 'received', at: start + 20, tree: ['DHCPDISCOVER', '  xid 7'] }),
    message({
      ...at,
      name: 'DHCPOFFER',
      direction: 'sent',
      at: start + 21,
      tree: ['DHCPOFFER', '  your address 10.0.0.1'],
    }),
  ];
}

function addressOf(gateway: number): string {
  return `2001:db8:cafe:${gateway}::15`;
}

function message({
  at,
  ...given
}: Pick<Message, 'name' | 'direction' | 'protocol' | 'local' | 'remote' | 'tree'> & { readonly at: number }): Message {
  const time = new Date(at).toISOString();
  return {
    kind: 'message',
    at: time,
    firstAt: time,
    count: 1,
    summary: `${given.name} in short`,
    octets: 132,
    decoded: {},
    ...given,
  };
}

function event(code: string, text: string, at: number, fields: Record<string, string> = {}): Step {
  return { kind: 'event', at: new Date(at).toISOString(), code, level: 'info', node: null, text, fields };
}
