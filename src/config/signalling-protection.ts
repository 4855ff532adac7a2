import type { Configuration, DomainConfiguration, LmaConfiguration, MagConfiguration } from './model.ts';

/** How the signalling of one LMA or MAG is protected, as far as its configuration tells. */
export interface NodeProtection {
  readonly kind: 'lma' | 'mag';
  readonly name: string;
  readonly peers: readonly { readonly name: string; readonly protection: 'authentication' | 'ipsec' | 'none' }[];
  /** An LMA that learns MAGs, and neither asks them for authentication nor has IPsec in its domain. */
  readonly servesAnybody: boolean;
}

export interface ProtectionWarning {
  readonly severity: 'warning' | 'error';
  /** What is wrong. */
  readonly text: string;
  readonly advice: string;
}

/**
 * RFC 5213 §4 "Proxy Mobile IPv6 Protocol Security": "The signaling messages, Proxy Binding Update, and Proxy Binding Acknowledgement, exchanged
 * between the mobile access gateway and the local mobility anchor, MUST be protected using end-to-end security association(s) offering
 * integrity and data origin authentication."
 */
export function signallingProtection(configuration: Configuration): NodeProtection[] {
  const domainOf = ({ domain }: LmaConfiguration | MagConfiguration) =>
    configuration.domains.find(({ name }) => name === domain);
  const lmas = configuration.lmas.map((lma): NodeProtection => {
    const domain = domainOf(lma);
    const peers = peersOf(lma.mags, domain?.mags ?? [], domain);
    const servesAnybody = lma.dynamicMagLearning && !domain?.authentication && !domain?.signallingIpsec;
    return { kind: 'lma', name: lma.name, peers, servesAnybody };
  });
  const mags = configuration.mags.map((mag): NodeProtection => {
    const domain = domainOf(mag);
    const described = mag.lmas.length > 0 ? [] : (domain?.lmas ?? []);
    return { kind: 'mag', name: mag.name, peers: peersOf(mag.lmas, described, domain), servesAnybody: false };
  });
  return [...lmas, ...mags];
}

/** What the operator should hear of that. */
export function protectionWarnings({ kind, name, peers, servesAnybody }: NodeProtection): ProtectionWarning[] {
  const where = `${kind === 'lma' ? 'LMA' : 'MAG'} ${name}`;
  const bare = peers.filter(({ protection }) => protection === 'none').map((peer) => peer.name);
  const advice =
    'set "auth-option" for the domain or the peer; or set IPsec up ("mooring ipsec-policy" prints its configuration), and then say so with "signalling ipsec"';
  const found: ProtectionWarning[] = [];
  if (servesAnybody) {
    const text = `${where}: "dynamic mag learning" without "auth-option": whoever reaches this LMA can register any mobile node, and gets its traffic`;
    const listing = 'set "auth-option" for the domain, or list the MAGs and write "no dynamic mag learning"';
    found.push({ severity: 'error', text, advice: listing });
  }
  if (bare.length > 0) {
    const text = `${where}: nothing protects the signalling with ${listed(bare)}: whoever can send with the address of a peer can register and end sessions`;
    found.push({ severity: 'warning', text, advice });
  }
  return found;
}

interface Peer {
  readonly name: string;
  readonly authentication?: unknown;
  readonly signallingIpsec: boolean;
}

function peersOf(
  own: readonly Peer[],
  described: readonly { readonly name: string }[],
  domain: DomainConfiguration | undefined,
): NodeProtection['peers'] {
  const others = described.filter(({ name }) => !own.some((peer) => peer.name === name));
  const all: Peer[] = [...own, ...others.map(({ name }) => ({ name, signallingIpsec: false }))];
  return all.map(({ name, authentication, signallingIpsec }) => {
    if (authentication ?? domain?.authentication) return { name, protection: 'authentication' as const };
    return { name, protection: signallingIpsec || domain?.signallingIpsec ? ('ipsec' as const) : ('none' as const) };
  });
}

const NAMES_LISTED = 5;

function listed(names: readonly string[]): string {
  const more = names.length - NAMES_LISTED;
  return more > 0 ? `${names.slice(0, NAMES_LISTED).join(', ')} and ${more} more` : names.join(', ');
}
