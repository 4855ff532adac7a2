import type { Random } from '#base/random.ts';
import { nextFraction, pick } from '#base/random.ts';
import type { TunnelConfig } from '#proto/lma/events.ts';
import type { MagTunnel } from '#proto/mag/events.ts';
import type { Interop } from '#proto/peer.ts';

/** How the nodes of a world reach each other, and what their tunnels are. */
export interface SwarmTransport {
  readonly anchorInterop: Interop;
  readonly gatewayInterop: Interop;
  /** Of the anchors. */
  readonly policy: TunnelConfig;
  /** The anchors exchange GRE keys wherever there is GRE. */
  readonly keys: boolean;
  readonly gateways: readonly GatewayTransport[];
}

export interface GatewayTransport {
  readonly addresses: 'ipv6' | 'ipv4' | 'dual';
  readonly tunnel: MagTunnel | undefined;
  readonly keys: boolean;
  /** A box on its way to the anchors translates its addresses and ports. */
  readonly nat: boolean;
}

/** `cisco` only at both ends: they name mobile nodes in another way. */
const INTEROPS: readonly { readonly anchorInterop: Interop; readonly gatewayInterop: Interop }[] = [
  { anchorInterop: 'strict', gatewayInterop: 'strict' },
  { anchorInterop: 'strict', gatewayInterop: 'strict' },
  { anchorInterop: 'tolerant', gatewayInterop: 'strict' },
  { anchorInterop: 'strict', gatewayInterop: 'tolerant' },
  { anchorInterop: 'cisco', gatewayInterop: 'cisco' },
];

/** IPv6 in IPv6 alone in some worlds; in others each gateway has a transport of its own. */
export function drawTransports(random: Random, gateways: number, authentication: boolean): SwarmTransport {
  const isPlain = nextFraction(random) < 0.3;
  const interop = pick(random, isPlain ? INTEROPS.slice(0, 1) : INTEROPS);
  const gre = isPlain ? 'asked' : pick(random, ['refused', 'asked', 'required'] as const);
  const isCisco = interop.anchorInterop === 'cisco';
  const presetGre = isCisco ? gre === 'required' : undefined;
  return {
    ...interop,
    policy: { gre, udp: !isPlain },
    keys: !isPlain && nextFraction(random) < 0.3,
    gateways: Array.from({ length: gateways }, () =>
      isPlain ? PLAIN_GATEWAY : drawGateway(random, authentication, presetGre),
    ),
  };
}

const PLAIN_GATEWAY: GatewayTransport = { addresses: 'ipv6', tunnel: undefined, keys: false, nat: false };

/** `presetGre`: both ends know without negotiation whether there is GRE. */
function drawGateway(random: Random, authentication: boolean, presetGre: boolean | undefined): GatewayTransport {
  const addresses = pick(random, ['ipv6', 'ipv4', 'dual'] as const);
  const keys = nextFraction(random) < 0.5;
  const drawn = drawTunnel(random, addresses);
  const tunnel = presetGre === undefined || drawn.mode === 'udp' ? drawn : { ...drawn, mode: presetMode(presetGre) };
  const unstated = presetGre === undefined && nextFraction(random) < 0.2;
  // What is authenticated names the gateway's own address, so that a translated one does not match.
  const mayBeTranslated = tunnel.mode === 'udp' && addresses === 'ipv4' && !authentication;
  const nat = !unstated && mayBeTranslated && nextFraction(random) < 0.7;
  return { addresses, keys, nat, tunnel: unstated ? undefined : tunnel };
}

function presetMode(gre: boolean): MagTunnel['mode'] {
  return gre ? 'gre' : 'ip';
}

function drawTunnel(random: Random, addresses: GatewayTransport['addresses']): MagTunnel {
  const families = { ipv6: ['ipv6'], ipv4: ['ipv4-udp'], dual: ['ipv6', 'ipv4-udp'] } as const;
  const transport = pick<MagTunnel['transport']>(random, families[addresses]);
  return { transport, mode: pick(random, transport === 'ipv6' ? ['ip', 'gre'] : ['ip', 'gre', 'udp', 'udp']) };
}
