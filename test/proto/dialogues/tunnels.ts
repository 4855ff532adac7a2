/** What the tunnel between gateway and anchor is, and how both come to agree on it. */
import { lmaAddress, lmaIpv4Address, magAddress, magInsideAddress, magIpv4Address } from '#sim/domain.ts';
import type { Dialogue } from './dialogue.ts';
import type { Setting } from './stage.ts';

const LMA = { name: 'lma1', ipv6: lmaAddress(0), ipv4: lmaIpv4Address(0) };
const PEERS = [
  { name: 'mag1', ipv6: magAddress(0), ipv4: magIpv4Address(0) },
  { name: 'mag2', ipv6: magAddress(1), ipv4: magIpv4Address(1) },
];
const ANCHOR = { addresses: { ipv6: lmaAddress(0), ipv4: lmaIpv4Address(0) }, peers: PEERS };

export const TUNNELS: readonly Dialogue[] = [
  {
    name: 'gre-keys',
    title: 'GRE with keys: each end makes the key of what comes to it',
    rfc: 'RFC 5845 §3.3.1, §3.3.2, §4.2, §5.2',
    setting: gre({ generateGreKeys: true }, { gre: 'asked', udp: false }),
    play: (stage) => {
      stage.scene('mn1 comes to mag1. The key of mag1 is for packets to mn1, that of lma1 for packets from it.', () =>
        stage.node().attach('mag1'),
      );
      stage.scene('mn1 roams. mag2 makes a key of its own; that of lma1 stays for the session.', () =>
        stage.node().roam('mag2'),
      );
    },
  },
  {
    name: 'gre-without-keys',
    title: 'GRE without keys',
    rfc: 'RFC 5845 §4.2, §5.2',
    setting: gre({}, { gre: 'asked', udp: false }),
    play: attach,
  },
  {
    name: 'gre-required',
    title: 'An anchor that cannot do without GRE',
    rfc: 'RFC 5845 §5.2',
    setting: { lma: { ...ANCHOR, tunnel: { gre: 'required', udp: false } }, mag: { lmas: [LMA] } },
    play: attach,
  },
  {
    name: 'gre-refused',
    title: 'An anchor that wants no GRE',
    rfc: 'RFC 5845 §4.2, §5.2',
    setting: gre({ generateGreKeys: true }, { gre: 'refused', udp: false }),
    play: (stage) => {
      attach(stage);
      stage.scene('At the refresh mag1 does not ask again.', () => {}, 300);
    },
  },
  {
    name: 'ipv4-transport',
    title: 'Signalling and tunnel over IPv4',
    rfc: 'RFC 5844 §4.1.3, §4.2.2',
    setting: overIpv4('ip', { gre: 'asked', udp: false }),
    play: attach,
  },
  {
    name: 'udp-encapsulation',
    title: 'UDP encapsulation that the gateway forces (F)',
    rfc: 'RFC 5844 §4.1.3.1, §4.2.2.1',
    setting: overIpv4('udp', { gre: 'asked', udp: true }),
    play: attach,
  },
  {
    name: 'udp-refused',
    title: 'An anchor that does not accept forced UDP encapsulation',
    rfc: 'RFC 5844 §4.1.3.1',
    setting: overIpv4('udp', { gre: 'asked', udp: false }),
    agrees: false,
    play: attach,
  },
  {
    name: 'gre-in-udp',
    title: 'GRE in UDP, with the TLV header (T)',
    rfc: 'RFC 5845 §7.1, §7.2',
    setting: overIpv4('udp', { gre: 'asked', udp: true }, { generateGreKeys: true }),
    play: attach,
  },
  {
    name: 'address-translation',
    title: 'A gateway behind a box that translates addresses',
    rfc: 'RFC 5844 §4.1.3.2',
    setting: {
      ...overIpv4('udp', { gre: 'asked', udp: true }),
      mag2: { addresses: { ipv4: magInsideAddress(1) } },
      translations: [{ inside: magInsideAddress(1), outside: magIpv4Address(1) }],
    },
    play: (stage) => {
      stage.scene(
        'mn1 comes to mag2. lma1 knows the gateway by its outer address, and answers to the port that the request came from.',
        () => stage.node().attach('mag2'),
      );
      stage.scene(
        'The box restarts, and gives what mag2 sends other ports: from the next refresh on lma1 knows that of signalling.',
        () => stage.world.network.rebind(magInsideAddress(1)),
        310,
      );
      stage.scene('mn1 roams to mag1. The revocation finds its way.', () => stage.node().roam('mag1'));
    },
  },
];

function attach(stage: Parameters<Dialogue['play']>[0]): void {
  stage.scene('mn1 comes to mag1.', () => stage.node().attach('mag1'));
}

function gre(mag: Setting['mag'], tunnel: { gre: 'asked' | 'refused'; udp: boolean }): Setting {
  const lma = { ...LMA, tunnel: { transport: 'ipv6', mode: 'gre' } } as const;
  return { lma: { ...ANCHOR, tunnel }, mag: { lmas: [lma], ...mag } };
}

function overIpv4(mode: 'ip' | 'udp', tunnel: { gre: 'asked'; udp: boolean }, mag: Setting['mag'] = {}): Setting {
  const lma = { ...LMA, tunnel: { transport: 'ipv4-udp', mode } } as const;
  return {
    lma: { ...ANCHOR, tunnel },
    mag: { lmas: [lma], addresses: { ipv4: magIpv4Address(0) }, ...mag },
    mag2: { addresses: { ipv4: magIpv4Address(1) } },
  };
}
