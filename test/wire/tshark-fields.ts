/** What tshark calls our fields: of a message or option, the filter names and the values that it must print. */
import { readU32, toHex } from '#base/bytes.ts';
import type { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { type MobilityMessage, type MobilityOption, mobilityMessageCodec } from '#wire/mobility/index.ts';

export type Fields = Readonly<Record<string, Printed>>;
type Printed = number | boolean | string | Uint8Array | Ipv4Address | Ipv6Address;

type MessageFields = { readonly [K in MobilityMessage['kind']]?: (message: MessageOf<K>) => Fields };
type OptionFields = { readonly [K in MobilityOption['kind']]?: (option: OptionOf<K>) => Fields };
type MessageOf<K> = Extract<MobilityMessage, { readonly kind: K }>;
type OptionOf<K> = Extract<MobilityOption, { readonly kind: K }>;

const FOUR_SECONDS_MS = 4000;
const VENDOR_SPECIFIC = 19;
/** tshark 4.0.17 shows the data of later types as octets. */
const LAST_KNOWN_TYPE = 18;
const has = (flags: number, bit: number) => (flags & bit) !== 0;

export const MESSAGE_FIELDS: MessageFields = {
  'home-test-init': ({ cookie }) => ({ 'mip6.hoti.cookie': u64(cookie) }),
  'care-of-test-init': ({ cookie }) => ({ 'mip6.coti.cookie': u64(cookie) }),
  'home-test': ({ nonceIndex, cookie, keygenToken }) => ({
    'mip6.hot.nindex': nonceIndex,
    'mip6.hot.cookie': u64(cookie),
    'mip6.hot.token': u64(keygenToken),
  }),
  'care-of-test': ({ nonceIndex, cookie }) => ({
    'mip6.cot.nindex': nonceIndex,
    'mip6.cot.cookie': u64(cookie),
  }),
  'binding-update': ({ sequence, flags, lifetime }) => ({
    'mip6.bu.seqnr': sequence,
    'mip6.bu.a_flag': has(flags, 0x8000),
    'mip6.bu.h_flag': has(flags, 0x4000),
    'mip6.bu.l_flag': has(flags, 0x2000),
    'mip6.bu.k_flag': has(flags, 0x1000),
    'mip6.bu.m_flag': has(flags, 0x0800),
    'mip6.nemo.bu.r_flag': has(flags, 0x0400),
    'mip6.bu.p_flag': has(flags, 0x0200),
    'mip6.bu.f_flag': has(flags, 0x0100),
    'mip6.bu.t_flag': has(flags, 0x0080),
    'mip6.bu.b_flag': has(flags, 0x0040),
    'mip6.bu.lifetime': lifetime / FOUR_SECONDS_MS,
  }),
  'binding-acknowledgement': ({ status, sequence, flags, lifetime }) => ({
    'mip6.ba.status': status,
    'mip6.ba.k_flag': has(flags, 0x80),
    'mip6.nemo.ba.r_flag': has(flags, 0x40),
    'mip6.ba.p_flag': has(flags, 0x20),
    'mip6.ba.t_flag': has(flags, 0x10),
    'mip6.ba.b_flag': has(flags, 0x08),
    'mip6.ba.seqnr': sequence,
    'mip6.ba.lifetime': lifetime / FOUR_SECONDS_MS,
  }),
  'binding-error': ({ status, homeAddress }) => ({ 'mip6.be.status': status, 'mip6.be.haddr': homeAddress }),
  'fast-binding-update': ({ sequence, flags, lifetime }) => ({
    'mip6.fbu.seqnr': sequence,
    'mip6.fbu.a_flag': has(flags, 0x8000),
    'mip6.fbu.h_flag': has(flags, 0x4000),
    'mip6.fbu.l_flag': has(flags, 0x2000),
    'mip6.fbu.k_flag': has(flags, 0x1000),
    'mip6.fbu.lifetime': lifetime / 1000,
  }),
  'fast-binding-acknowledgement': ({ status, flags, sequence, lifetime }) => ({
    'mip6.fback.status': status,
    'mip6.fback.k_flag': has(flags, 0x80),
    'mip6.fback.seqnr': sequence,
    'mip6.fback.lifetime': lifetime / 1000,
  }),
  heartbeat: ({ unsolicited, response, sequence }) => ({
    'mip6.hb.u_flag': unsolicited,
    'mip6.hb.r_flag': response,
    'mip6.hb.seqnr': sequence,
  }),
  'handover-initiate': ({ sequence, flags, code }) => ({
    'mip6.hi.seqnr': sequence,
    'mip6.hi.s_flag': has(flags, 0x80),
    'mip6.hi.u_flag': has(flags, 0x40),
    'mip6.hi.code': code,
  }),
  'handover-acknowledge': ({ sequence, code }) => ({ 'mip6.hack.seqnr': sequence, 'mip6.hack.code': code }),
  'binding-revocation-indication': ({ trigger, sequence, flags }) => ({
    'mip6.bri_br.type': 1,
    'mip6.bri_r.trigger': trigger,
    'mip6.bri_seqnr': sequence,
    'mip6.bri_ip': has(flags, 0x8000),
    'mip6.bri_iv': has(flags, 0x4000),
    'mip6.bri_ig': has(flags, 0x2000),
  }),
  'binding-revocation-acknowledgement': ({ status, sequence, flags }) => ({
    'mip6.bri_br.type': 2,
    'mip6.bri_status': status,
    'mip6.bri_seqnr': sequence,
    'mip6.bri_ap': has(flags, 0x8000),
    'mip6.bri_av': has(flags, 0x4000),
    'mip6.bri_ag': has(flags, 0x2000),
  }),
};

export const OPTION_FIELDS: OptionFields = {
  'binding-refresh-advice': ({ refreshInterval }) => ({ 'mip6.bra.interval': refreshInterval / FOUR_SECONDS_MS }),
  'alternate-care-of-address': ({ address }) => ({ 'mip6.acoa.acoa': address }),
  'nonce-indices': ({ homeNonceIndex, careOfNonceIndex }) => ({
    'mip6.ni.hni': homeNonceIndex,
    'mip6.ni.cni': careOfNonceIndex,
  }),
  'binding-authorization-data': ({ authenticator }) => ({ 'mip6.bad.auth': authenticator }),
  'mobile-network-prefix': ({ prefix }) => networkPrefix(prefix),
  'home-network-prefix': ({ prefix }) => networkPrefix(prefix),
  'mobility-header-link-layer-address': ({ code, address }) => ({ 'mip6.lla.optcode': code, 'mip6.lla': address }),
  'mobile-node-identifier': ({ subtype, identifier }) => ({
    'mip6.mnid.subtype': subtype,
    'mip6.mnid.identifier': new TextDecoder().decode(identifier),
  }),
  authentication: ({ subtype, spi, data }) => ({
    'mip6.auth.subtype': subtype,
    'mip6.auth.mobility_spi': spi,
    'mip6.auth.auth_data': data,
  }),
  'vendor-specific': ({ vendorId, subtype }) => ({ 'mip6.vsm.vendorId': vendorId, 'mip6.vsm.subtype': subtype }),
  'service-selection': ({ identifier }) => ({ 'mip6.ss.identifier': identifier }),
  'replay-protection': ({ seconds, fraction }) => ({
    'mip6.mseg_id.timestamp': `${seconds} + ${fraction}/2^32 s of NTP`,
  }),
  'binding-authorization-data-for-fmipv6': ({ spi, authenticator }) => ({
    'mip6.badff.spi': spi,
    'mip6.badff.auth': authenticator,
  }),
  'handoff-indicator': ({ indicator }) => ({ 'mip6.hi': indicator }),
  'access-technology-type': ({ accessTechnology }) => ({ 'mip6.att': accessTechnology }),
  'mobile-node-link-layer-identifier': ({ identifier }) => ({ 'mip6.mnlli.lli': identifier }),
  'link-local-address': ({ address }) => ({ 'mip6.lila_lla': address }),
  'restart-counter': ({ counter }) => ({ 'mip6.rc': counter }),
  timestamp: ({ seconds, fraction }) => ({ 'mip6.timestamp_tmp': instant(seconds, fraction) }),
  'ipv4-home-address': ({ prefixLength, prefixRequested, address }) => ({
    'mip6.ipv4ha.preflen': prefixLength,
    'mip6.ipv4ha.p_flag': prefixRequested,
    'mip6.ipv4ha.ha': address,
  }),
  'ipv4-address-acknowledgement': homeAddressAnswer,
  'ipv4-home-address-request': ({ prefixLength, address }) => ({
    'mip6.ipv4ha.preflen': prefixLength,
    'mip6.ipv4ha.ha': address,
  }),
  'ipv4-home-address-reply': homeAddressAnswer,
  'access-network-identifier': ({ subOptions }) => Object.assign({}, ...subOptions.map(accessNetworkFields)),
  'ipv4-care-of-address': ({ address }) => ({ 'mip6.ipv4coa.addr': address }),
  'nat-detection': ({ forceUdpEncapsulation, refreshTime }) => ({
    'mip6.natd.f_flag': forceUdpEncapsulation,
    'mip6.natd.refresh_t': refreshTime / 1000,
  }),
  'gre-key': ({ key }): Fields => (key === undefined ? {} : { 'mip6.gre_key': key }),
  'mobility-header-ipv6-address-prefix': ({ code, prefix }) => ({
    'mip6.mhipv6ap.opt_code': code,
    'mip6.mhipv6ap.len': prefix.length,
    'mip6.mhipv6ap.ipv6_address_prefix': prefix.address,
  }),
  'binding-identifier': ({ bindingIdentifier, status, simultaneousHomeAndForeign, careOfAddress }): Fields => ({
    'mip6.bi.bid': bindingIdentifier,
    'mip6.bi.status': status,
    'mip6.bi.h_flag': simultaneousHomeAndForeign,
    ...(careOfAddress instanceof Ipv6Address && { 'mip6.bi.coa_ipv6': careOfAddress }),
  }),
  'ipv4-default-router': ({ address }) => ({ 'mip6.ipv4dra.dra': address }),
  'ipv4-dhcp-support-mode': ({ server }) => ({ 'mip6.ipv4dsm.s_flag': server }),
  'context-request': ({ requests }): Fields => {
    const vendor = requests.find(({ type }) => type === VENDOR_SPECIFIC);
    return {
      'mip6.cr.req_type': requests[0]?.type ?? 0,
      'mip6.cr.req_length': requests[0]?.data.length ?? 0,
      ...(vendor && { 'mip6.vsm.vendorId': readU32(vendor.data, 0), 'mip6.vsm.subtype': vendor.data[4] ?? 0 }),
    };
  },
  'local-mobility-anchor-address': ({ address }): Fields =>
    address instanceof Ipv6Address
      ? { 'mip6.lmaa.opt_code': 1, 'mip6.lmaa.ipv6': address }
      : { 'mip6.lmaa.opt_code': 2, 'mip6.lmaa.ipv4': address },
  redirect: ({ address }): Fields =>
    address instanceof Ipv6Address
      ? { 'mip6.redir.k': true, 'mip6.redir.n': false, 'mip6.redir.addr_r2lma_ipv6': address }
      : { 'mip6.redir.k': false, 'mip6.redir.n': true, 'mip6.redir.addr_r2lma_ipv4': address },
  'load-information': (load) => ({
    'mip6.load_inf.priority': load.priority,
    'mip6.load_inf.sessions_in_use': load.sessionsInUse,
    'mip6.load_inf.maximum_sessions': load.maximumSessions,
    'mip6.load_inf.used_capacity': load.usedCapacityKilobytesPerSecond,
    'mip6.load_inf.maximum_capacity': load.maximumCapacityKilobytesPerSecond,
  }),
  'alternate-ipv4-care-of-address': ({ address }) => ({ 'mip6.alt_ip4': address }),
  'mobile-node-group-identifier': ({ subtype, groupIdentifier }) => ({
    'mip6.mng.sub_type': subtype,
    'mip6.mng.mng_id': groupIdentifier,
  }),
  'mag-ipv6-address': ({ address }) => ({ 'mip6.mag_ipv6.address_length': 128, 'mip6.mag_ipv6.address': address }),
  'delegated-mobile-network-prefix': ({ prefix }): Fields => ({
    'mip6.dmnp.v_flag': !(prefix.address instanceof Ipv6Address),
    'mip6.dmnp.prefix_len': prefix.length,
    ...(prefix.address instanceof Ipv6Address
      ? { 'mip6.dmnp.dmnp_ipv6': prefix.address }
      : { 'mip6.dmnp.dmnp_ipv4': prefix.address }),
  }),
};

/** Each field of a message with what tshark must print for it, in the order of the message. */
export function expectedFields(message: MobilityMessage): ReadonlyMap<string, readonly string[]> {
  const fields = new Map<string, string[]>();
  const add = (some: Fields) => {
    for (const [name, value] of Object.entries(some)) fields.set(name, [...(fields.get(name) ?? []), printed(value)]);
  };
  add(fieldsOf(MESSAGE_FIELDS, message));
  const { type = 0 } = mobilityMessageCodec(message.kind) ?? {};
  if ('options' in message && type <= LAST_KNOWN_TYPE)
    for (const option of message.options) add(fieldsOf(OPTION_FIELDS, option));
  return fields;
}

/** What tshark prints, with numbers in decimal and without the colons of link-layer addresses. */
export function normalized(text: string): string {
  if (/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(text)) return text.replaceAll(':', '');
  return /^0x[0-9a-f]+$/.test(text) ? BigInt(text).toString() : text;
}

function fieldsOf(table: MessageFields | OptionFields, value: MobilityMessage | MobilityOption): Fields {
  const describe = (table as Readonly<Record<string, ((value: object) => Fields) | undefined>>)[value.kind];
  return describe === undefined ? {} : describe(value);
}

function networkPrefix({ address, length }: { readonly address: Ipv6Address; readonly length: number }): Fields {
  return { 'mip6.nemo.mnp.pfl': length, 'mip6.nemo.mnp.mnp': address };
}

function homeAddressAnswer(option: {
  readonly status: number;
  readonly prefixLength: number;
  readonly address: Ipv4Address;
}): Fields {
  return {
    'mip6.ipv4aa.sts': option.status,
    'mip6.ipv4ha.preflen': option.prefixLength,
    'mip6.ipv4ha.ha': option.address,
  };
}

/** tshark 4.0.17 does not take the other sub-options apart. */
function accessNetworkFields(subOption: OptionOf<'access-network-identifier'>['subOptions'][number]): Fields {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).replace('\t', '\\t');
  switch (subOption.kind) {
    case 'network-identifier':
      return {
        'mip6.acc_net_id.e_bit': subOption.utf8,
        'mip6.acc_net_id.net_name': text(subOption.networkName),
        'mip6.acc_net_id.ap_name': text(subOption.accessPointName),
      };
    case 'geo-location':
      return {
        'mip6.acc_net_id.geo.latitude_degrees': subOption.latitudeDegrees * 2 ** 15,
        'mip6.acc_net_id.geo.longitude_degrees': subOption.longitudeDegrees * 2 ** 15,
      };
    case 'operator-identifier':
      return {
        'mip6.acc_net_id.op_id.type': subOption.operatorType,
        'mip6.acc_net_id.op_id': subOption.identifier,
      };
    default:
      return {};
  }
}

/** `Nov 14, 2023 22:13:20.500015258 UTC` */
function instant(seconds: number, fraction: number): string {
  const date = new Date(seconds * 1000);
  const month = date.toLocaleString('en', { month: 'short', timeZone: 'UTC' });
  const day = `${date.getUTCDate()}`.padStart(2);
  const nanoseconds = `${Math.floor((fraction / 65536) * 1e9)}`.padStart(9, '0');
  return `${month} ${day}, ${date.getUTCFullYear()} ${date.toISOString().slice(11, 19)}.${nanoseconds} UTC`;
}

function u64(octets: Uint8Array): string {
  return new DataView(octets.buffer, octets.byteOffset).getBigUint64(0).toString();
}

function printed(value: Printed): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (value instanceof Uint8Array) return toHex(value);
  return String(value);
}
