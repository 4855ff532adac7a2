import type { Duration } from '#base/time.ts';
import type { Encapsulation, GreKeys, Path } from '#dataplane/desired.ts';
import {
  type BindingAcknowledgement,
  BindingAcknowledgementFlag,
  BindingStatus,
  BindingUpdateFlag,
  findOption,
  type MobilityOption,
} from '#wire/mobility/index.ts';
import { DATA_PORT } from '../tunnel-path.ts';
import type { MagContext } from './context.ts';
import type { MagLma, MagProfile } from './events.ts';
import type { Binding, TunnelWish } from './state.ts';

/**
 * RFC 5845 §4.2(5) "Operational Summary": "the mobile access gateway SHOULD NOT include the GRE Key option in any subsequent Proxy Binding Update message
 * that is sent to that local mobility anchor", which took no notice of one before.
 * Chooses: a peer of interoperation `cisco` is sent the option only when keys are to be made, as such a gateway without that
 * leaves it out and has GRE by its configuration.
 */
export function tunnelWish(mag: MagContext, lma: MagLma, profile: MagProfile): TunnelWish {
  const mode = lma.tunnel?.mode ?? 'ip';
  const presetKeys = profile.greKeys ?? {};
  const makes = mag.config.generateGreKeys === true;
  const keyed = makes || presetKeys.down !== undefined;
  const silent = mag.withoutGreKeys.has(lma.name) || (lma.interop === 'cisco' && !makes);
  const whole = presetKeys.up !== undefined && presetKeys.down !== undefined;
  const udp = mode === 'udp';
  if (mode === 'ip' || (udp && !makes)) return { gre: 'none', udp, presetKeys };
  if (silent) return { gre: mode === 'gre' && (whole || lma.interop === 'cisco') ? 'preset' : 'none', udp, presetKeys };
  return { gre: keyed ? 'with-keys' : 'without-key', udp, presetKeys };
}

/**
 * RFC 5844 §5.2 "Mobile Access Gateway -Configuration Variables" and §4.2.2.1(3) "Constructing the Proxy Binding Update Message": with ForceIPv4UDPEncapsulationSupport "the (F) flag in the Proxy Binding Update message MUST be set to
 * value of (1)". RFC 5845 §7.3 "Mobile Access Gateway Operation": "when using GRE header in conjunction with IPv4-UDP encapsulation mode is required, the
 * mobile access gateway MUST set the TLV-header format (T) flag".
 */
export function tunnelFlags({ gre, udp }: TunnelWish): number {
  if (!udp) return 0;
  return BindingUpdateFlag.F | (negotiates(gre) ? BindingUpdateFlag.T : 0);
}

/**
 * RFC 5845 §3.2 "GRE Encapsulation Mode Only" and §4.2(1): for GRE alone it "MUST include the GRE Key option but omit the GRE Key Identifier field"; §3.3.1 "Initial GRE Key Exchange" and §4.2(2): with keys it "MUST include
 * the GRE Key option with the downlink GRE key"; §4.2(8): a negotiated session "SHOULD NOT include the GRE Key option in the
 * de-registration Proxy Binding Update."
 */
export function tunnelOptions(mag: MagContext, binding: Binding, deregisters: boolean): MobilityOption[] {
  const { gre } = binding.tunnel;
  if (deregisters || !negotiates(gre)) return [];
  return [{ kind: 'gre-key', key: gre === 'with-keys' ? downlinkKey(mag, binding) : undefined }];
}

/** What an accepted request came to. */
export interface NegotiatedTunnel {
  readonly path: Path;
  /** What the LMA advises for keeping the state of boxes on the way. */
  readonly keepalive: Duration | undefined;
}

/** The tunnel of an acceptance; `binding.tunnel` becomes what later requests of the session ask for. */
export function negotiatedTunnel(mag: MagContext, binding: Binding, answer: BindingAcknowledgement): NegotiatedTunnel {
  const { local, remote } = binding.peer;
  const nat = binding.peer.transport === 'ipv4-udp' ? findOption(answer.options, 'nat-detection') : undefined;
  const gre = negotiatedGre(mag, binding, answer);
  const encapsulation = encapsulationOf(binding, answer, gre, nat?.forceUdpEncapsulation === true);
  return {
    path: { encapsulation, local, remote },
    keepalive: nat && nat.refreshTime > 0 && Number.isFinite(nat.refreshTime) ? nat.refreshTime : undefined,
  };
}

/**
 * RFC 5844 §4.2.2(6) "Signaling Considerations": the end points are those of the signalling; "If there is a NAT Detection option [RFC5555] in the received Proxy Binding Acknowledgement message, and the (F)
 * flag is set to value of (1), the encapsulation mode for the tunnel MUST be set to IPv4-UDP. Otherwise, the encapsulation mode
 * MUST be set to IPv4."
 * RFC 5845 §7.1 "Tunneling Format" and §7.3.1 "Sending and Receiving Data Packets": GRE in UDP has "the TLV-header UDP tunneling format". §7.3: on GRE_TUNNELING_BUT_TLV_HEADER_NOT_SUPPORTED it "MUST use GRE encapsulation without UDP encapsulation." Chooses: the
 * same when GRE was accepted and the T flag is clear, as no GRE header follows a UDP header directly.
 */
function encapsulationOf(
  binding: Binding,
  answer: BindingAcknowledgement,
  gre: { readonly keys?: GreKeys } | undefined,
  forced: boolean,
): Encapsulation {
  const tlvHeader = gre !== undefined && tlvGranted(binding, answer);
  if (!forced || (gre && !tlvHeader)) return gre ? { kind: 'gre', ...gre } : { kind: 'ip' };
  return { kind: 'udp', localPort: DATA_PORT, remotePort: DATA_PORT, tlvHeader, ...(gre && { gre }) };
}

function tlvGranted({ tunnel }: Binding, { status, flags }: BindingAcknowledgement): boolean {
  const asked = (tunnelFlags(tunnel) & BindingUpdateFlag.T) !== 0;
  const refused = status === BindingStatus.GRE_TUNNELING_BUT_TLV_HEADER_NOT_SUPPORTED;
  return asked && !refused && (flags & BindingAcknowledgementFlag.T) !== 0;
}

/**
 * RFC 5845 §4.2(3) and §4.2(4): the keys in the answer, or that there are none, are what the session has. §4.2(5): without the option in a success "other than GRE_KEY_OPTION_NOT_REQUIRED", "the mobile access gateway MUST consider that
 * the local mobility anchor does not support the GRE Key option"; §4.2(7): on that status it "MUST consider that GRE encapsulation and
 * GRE keys are not required for this specific mobility session" and "MUST NOT include the GRE Key option in any subsequent" request.
 */
function negotiatedGre(
  mag: MagContext,
  binding: Binding,
  answer: BindingAcknowledgement,
): { readonly keys?: GreKeys } | undefined {
  const { tunnel } = binding;
  const { up, down } = tunnel.presetKeys;
  const preset = up !== undefined && down !== undefined ? { keys: { send: up, receive: down } } : {};
  if (tunnel.gre === 'preset') return preset;
  if (tunnel.gre === 'none') return undefined;
  const option = findOption(answer.options, 'gre-key');
  if (answer.status === BindingStatus.GRE_KEY_OPTION_NOT_REQUIRED || !option) {
    const ignored = answer.status !== BindingStatus.GRE_KEY_OPTION_NOT_REQUIRED;
    if (ignored) noteWithoutGreKeys(mag, binding);
    const usesPreset = ignored && preset.keys !== undefined && !tunnel.udp;
    binding.tunnel = { ...tunnel, gre: usesPreset ? 'preset' : 'none' };
    return usesPreset ? preset : undefined;
  }
  if (tunnel.gre === 'without-key' || option.key === undefined) return {};
  return { keys: { send: option.key, receive: downlinkKey(mag, binding) } };
}

/** Whether no other binding of this gateway has its downlink key: it is not one of the configuration, which many may have. */
export function hasOwnKey({ downlinkKey }: Binding, { encapsulation }: Path): boolean {
  const gre =
    encapsulation.kind === 'udp' ? encapsulation.gre : encapsulation.kind === 'gre' ? encapsulation : undefined;
  return downlinkKey !== undefined && gre?.keys?.receive === downlinkKey;
}

/**
 * RFC 5845 §4.2(6): on GRE_KEY_OPTION_REQUIRED "the mobile access gateway SHOULD resend the Proxy Binding Update message with the GRE Key
 * option." `false` when it had the option with a key already.
 */
export function askForKeys(binding: Binding): boolean {
  if (binding.tunnel.gre === 'with-keys') return false;
  binding.tunnel = { ...binding.tunnel, gre: 'with-keys' };
  return true;
}

function negotiates(gre: TunnelWish['gre']): boolean {
  return gre === 'without-key' || gre === 'with-keys';
}

/**
 * RFC 5845 §4.1 "Extensions to the Conceptual Data Structure": "This GRE key is generated by the mobile access gateway". It is the profile's, or
 * one that no other binding of this gateway has, and stays as long as the binding.
 */
function downlinkKey(mag: MagContext, binding: Binding): number {
  const preset = binding.tunnel.presetKeys.down;
  if (preset !== undefined) return preset;
  binding.downlinkKey ??= mag.greKeys.take();
  return binding.downlinkKey;
}

function noteWithoutGreKeys(mag: MagContext, { lma }: Binding): void {
  if (mag.withoutGreKeys.has(lma.name)) return;
  mag.withoutGreKeys.add(lma.name);
  mag.log(
    'warn',
    'gre-keys-not-supported',
    `${lma.name} took no notice of the GRE Key option; it is not sent it again`,
    {
      lma: lma.name,
    },
  );
}
