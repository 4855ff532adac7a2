import type { Result } from '#base/result.ts';
import { err, ok } from '#base/result.ts';
import { seconds } from '#base/time.ts';
import type { Encapsulation, GreKeys } from '#dataplane/desired.ts';
import type { MobilityOption } from '#wire/mobility/index.ts';
import { BindingAcknowledgementFlag, BindingStatus } from '#wire/mobility/index.ts';
import type { GreKeySpace } from '../gre-key-space.ts';
import { DATA_PORT } from '../tunnel-path.ts';
import type { LmaConfig, LmaPeer, NaiProfile, TunnelConfig } from './events.ts';
import type { TunnelRequest } from './request.ts';

/** What a request's tunnel is to be, before keys are assigned. */
export interface TunnelShape {
  readonly udp: boolean;
  readonly tlvHeader: boolean;
  readonly gre: 'none' | 'without-keys' | 'preset-keys' | 'exchanged-keys';
  /** A GRE Key option answers the request's. */
  readonly negotiated: boolean;
  readonly downlinkKey: number | undefined;
  readonly natDetected: boolean;
  /** The remote's port is what its packets come from. */
  readonly translated: boolean;
  /** Of the acknowledgement: 0, 2 or 3. */
  readonly status: number;
}

export const PLAIN_TUNNEL: TunnelShape = {
  udp: false,
  tlvHeader: false,
  gre: 'none',
  negotiated: false,
  downlinkKey: undefined,
  natDetected: false,
  translated: false,
  status: BindingStatus.ACCEPTED,
};

const UNSTATED: TunnelConfig = { gre: 'asked', udp: false };

/** Chooses: where nothing is configured, GRE is what the MAG asks for, and UDP is refused, the default of its flag. */
export function tunnelPolicy(config: LmaConfig, peer: LmaPeer | undefined): TunnelConfig {
  return peer?.tunnel ?? config.tunnel ?? UNSTATED;
}

/** RFC 5555 §6 "Protocol Constants" has NATKATIMEOUT be 110 seconds. */
const NAT_KEEPALIVE = seconds(110);

/**
 * RFC 5844 §4.1.3.1 "Processing Proxy Binding Updates" and RFC 5845 §5.2 "Operational Summary". RFC 5844 §4.1.3.1(3): "The encapsulation mode MUST be determined by applying the following
 * considerations", the F flag's first. RFC 5844 §4.1.3.1(4) and RFC 5844 §3.1.2.4(4) "Binding Lifetime Extension (after Handoff)" have the rest be as over IPv6. The error is the status of a refusal.
 * `wantsKeys`: GRE only with keys. `presets`: neither side negotiates GRE, and both are configured for it.
 */
export function shapeTunnel(
  asked: TunnelRequest,
  policy: TunnelConfig,
  wantsKeys: boolean,
  presets: Presets | undefined,
): Result<TunnelShape, number> {
  // "If the (F) flag in the received Proxy Binding Update message is set to the value of (1), but if the configuration flag,
  // AcceptForcedIPv4UDPEncapsulationRequest, is set to a value of (0), then the local mobility anchor MUST reject the request with the
  // Status field value set to 129 (Administratively prohibited)."
  if (asked.forcesUdp && !policy.udp) return err(BindingStatus.ADMINISTRATIVELY_PROHIBITED);
  const { natDetected } = asked;
  const udp = policy.udp && (asked.forcesUdp || natDetected);
  // Chooses: who forces UDP and does not say its own address may be behind a NAT, as those are for whom it is forced.
  const shape: TunnelShape =
    udp || natDetected ? { ...PLAIN_TUNNEL, udp, natDetected, translated: udp && !asked.natExcluded } : PLAIN_TUNNEL;
  if (!asked.gre) {
    if (policy.gre !== 'required') return ok(shape);
    if (presets && !udp) return ok({ ...shape, gre: presets.down === undefined ? 'without-keys' : 'preset-keys' });
    // RFC 5845 §5.2(4): "if the local mobility anchor based on a policy check determines that GRE encapsulation and GRE keys are required, ... the local
    // mobility anchor MUST reject the request and send a Proxy Binding Acknowledgement message ... with the status code
    // GRE_KEY_OPTION_REQUIRED"
    return err(BindingStatus.GRE_KEY_OPTION_REQUIRED);
  }
  // RFC 5845 §5.2(5): "the local mobility anchor SHOULD send a successful Proxy Binding Acknowledgement message to the mobile access gateway with the status
  // code GRE_KEY_OPTION_NOT_REQUIRED."
  const without = { ...shape, status: BindingStatus.GRE_KEY_OPTION_NOT_REQUIRED };
  if (policy.gre === 'refused') return ok(without);
  if (wantsKeys && asked.gre.key === undefined) return err(BindingStatus.GRE_KEY_OPTION_REQUIRED);
  return withGre(asked, policy, shape, without);
}

/** Keys that the profile of a mobile node states. */
export type Presets = NonNullable<NaiProfile['greKeys']>;

/** What both ends are configured for: the profile's keys where it has both, GRE without keys where a peer of Cisco's is told nothing else. */
export function presetsOf(peer: LmaPeer | undefined, profile: NaiProfile | undefined): Presets | undefined {
  const keys = profile?.greKeys;
  if (keys?.up !== undefined && keys.down !== undefined) return keys;
  return peer?.interop === 'cisco' ? {} : undefined;
}

/**
 * RFC 5845 §7.1 "Tunneling Format": "If UDP-based tunneling is used in conjunction with GRE encapsulation ..., the TLV-header UDP tunneling
 * format ... MUST be used." So a request for UDP and GRE without the T flag cannot have both. Chooses: UDP, which a forced request or a NAT
 * cannot do without; where this anchor cannot do without GRE, such a request is refused.
 */
function withGre(
  asked: TunnelRequest,
  policy: TunnelConfig,
  shape: TunnelShape,
  without: TunnelShape,
): Result<TunnelShape, number> {
  if (shape.udp && !asked.asksForTlvHeader) {
    return policy.gre === 'required' ? err(BindingStatus.ADMINISTRATIVELY_PROHIBITED) : ok(without);
  }
  const tlvHeader = shape.udp;
  // RFC 5845 §7.4 "Local Mobility Anchor Operation": "if the Proxy Binding Update has been successfully processed, the LMA MUST send a
  // successful Proxy Binding Acknowledgement with the status code GRE_TUNNELING_BUT_TLV_HEADER_NOT_SUPPORTED."
  const lacksTlvHeader = asked.asksForTlvHeader && !tlvHeader;
  const downlinkKey = asked.gre?.key;
  return ok({
    ...shape,
    tlvHeader,
    gre: downlinkKey === undefined ? 'without-keys' : 'exchanged-keys',
    negotiated: true,
    downlinkKey,
    status: lacksTlvHeader ? BindingStatus.GRE_TUNNELING_BUT_TLV_HEADER_NOT_SUPPORTED : BindingStatus.ACCEPTED,
  });
}

/** The key that packets of the mobile node are to carry; `undefined` where none is. */
export function uplinkKeyFor(
  { gre }: TunnelShape,
  held: number | undefined,
  presets: Presets | undefined,
  keys: GreKeySpace,
): number | undefined {
  if (gre === 'preset-keys') return presets?.up;
  // RFC 5845 §3.3.2 "GRE Key Exchange during Binding Re-Registration": "the local mobility anchor MUST maintain the same negotiated
  // uplink GRE key for the lifetime of that mobility session."
  return gre === 'exchanged-keys' ? (held ?? presets?.up ?? keys.take()) : held;
}

/** RFC 5845 §5.2(3): "the local mobility anchor MUST use the negotiated downlink GRE key in the GRE header of every packet" to the mobile node. */
export function encapsulationOf(
  { udp, tlvHeader, gre, downlinkKey, translated }: TunnelShape,
  uplinkKey: number | undefined,
  presets: Presets | undefined,
): Encapsulation {
  const send = gre === 'preset-keys' ? presets?.down : downlinkKey;
  const hasKeys = gre === 'preset-keys' || gre === 'exchanged-keys';
  const keys: GreKeys | undefined =
    hasKeys && send !== undefined && uplinkKey !== undefined ? { send, receive: uplinkKey } : undefined;
  const header = gre === 'none' ? undefined : { ...(keys && { keys }) };
  if (!udp) return header ? { kind: 'gre', ...header } : { kind: 'ip' };
  return {
    kind: 'udp',
    localPort: DATA_PORT,
    remotePort: DATA_PORT,
    tlvHeader,
    ...(translated && { translated }),
    ...(header && { gre: header }),
  };
}

/** RFC 5845 §7.2 "TLV-Header Tunneling Negotiation": "the local mobility anchor SHOULD set the TLV-header format (T) flag". */
export function tunnelFlags({ tlvHeader }: TunnelShape): number {
  return tlvHeader ? BindingAcknowledgementFlag.T : 0;
}

/**
 * RFC 5845 §5.2(2): "the local mobility anchor MUST include the GRE Key option with the uplink GRE key", or by RFC 5845 §5.2(1), "omit the GRE Key Identifier field"
 * as the request did. RFC 5844 §4.2.2 "Signaling Considerations" has the NAT Detection option tell the MAG of UDP encapsulation.
 */
export function addTunnelOptions(
  options: MobilityOption[],
  { gre, negotiated, udp, natDetected }: TunnelShape,
  uplinkKey: number | undefined,
): void {
  if (negotiated) options.push({ kind: 'gre-key', key: gre === 'exchanged-keys' ? uplinkKey : undefined });
  if (udp) {
    const refreshTime = natDetected ? NAT_KEEPALIVE : seconds(0);
    options.push({ kind: 'nat-detection', forceUdpEncapsulation: true, refreshTime });
  }
}
