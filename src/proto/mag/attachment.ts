import type { MacAddress } from '#base/mac-address.ts';
import { spareNewSession } from './bulk-revocation.ts';
import type { MagContext } from './context.ts';
import type { AttachedEvent, DetachedEvent, HeardEvent, MagInterface, ProfileAnswer } from './events.ts';
import { noteReturn, provedAbsent, provedPresent, refuseHeldRevocation } from './presence.ts';
import { aaaStation, defaultStation, localStation, provedStation, type StationProfile } from './profile.ts';
import { ProfileRequests } from './profile-requests.ts';
import { deregister, releaseHomeAddress, startRequest } from './registration.ts';
import { announceSession, dropBinding, refuse, setForwarding } from './session.ts';
import { limitSession } from './session-timeout.ts';
import { signallingPath } from './signalling-path.ts';
import { type Binding, isArrival, requestedFamilies } from './state.ts';
import { tellCreated } from './transition.ts';
import { tunnelWish } from './tunnel.ts';

const STRANGERS_LOGGED = 1024;

/** What is known of a mobile node without a profile. */
interface Known {
  readonly mac: MacAddress;
  readonly provedNai?: string | undefined;
}

/** What mobile nodes do on the access links: they come, come again, move between links, and leave. */
export class Attachment {
  readonly #mag: MagContext;
  /** Stations without a profile, each logged once. */
  readonly #strangers = new Set<number>();
  readonly #profiles: ProfileRequests;

  constructor(mag: MagContext) {
    this.#mag = mag;
    this.#profiles = new ProfileRequests(mag);
  }

  attached(event: AttachedEvent): void {
    const mag = this.#mag;
    mag.stats.attachedSeen++;
    if (mag.stopping) {
      mag.stats.attachedWhileStopping++;
      return;
    }
    const at = mag.config.interfaces.find((candidate) => candidate.name === event.interface);
    if (!at) {
      mag.stats.attachedUnknownInterface++;
      return;
    }
    const binding = mag.bindings.get(event.mac);
    if (!binding) this.#identify(event, at);
    else if (binding.state === 'DISCONNECTING') {
      // The new registration has a later timestamp than the de-registration, so whichever arrives last, the LMA keeps it.
      const { successor } = binding;
      binding.interface = at;
      dropBinding(mag, binding);
      if (!successor) this.#identify(event, at);
    } else if (binding.interface.name !== at.name) move(mag, binding, at);
    else {
      this.heard(event);
      this.#seenAgain(binding, event);
    }
  }

  detached(event: DetachedEvent): void {
    const mag = this.#mag;
    this.#profiles.cancel(({ mac, at }) => mac.equals(event.mac) && at.name === event.interface);
    const binding = mag.bindings.get(event.mac);
    if (!binding || binding.interface.name !== event.interface) return;
    binding.successor = undefined;
    if (binding.state === 'DISCONNECTING') return;
    if (provedAbsent(mag, binding)) return;
    const granted = binding.granted;
    if (event.reason === 'dhcp-release' && granted && granted.prefixes.length > 0) {
      releaseHomeAddress(mag, binding, granted);
      return;
    }
    deregister(mag, binding, event.reason === 'operator' ? 'withdrawn' : 'departed');
  }

  /** It is still here. */
  heard({ mac, interface: at }: Pick<HeardEvent, 'mac' | 'interface'>): void {
    const binding = this.#mag.bindings.get(mac);
    if (!binding || binding.interface.name !== at) return;
    if (isArrival(binding.request)) {
      binding.request.heard = true;
      binding.request.contested = false;
    }
    provedPresent(this.#mag, binding);
  }

  forgetStrangers(): void {
    this.#strangers.clear();
  }

  /** Nobody on the interfaces that are meant waits for a profile any more. */
  abandon(isMeant: (interfaceName: string) => boolean): void {
    this.#profiles.cancel(({ at }) => isMeant(at.name));
  }

  /** A binding is gone whose mobile node has another authorization now. */
  succeed({ mac, interface: at, successor }: Binding): void {
    const mag = this.#mag;
    if (successor && !mag.stopping && !mag.bindings.get(mac)) this.#register(mac, at, successor);
  }

  /** The AAA server's word on a mobile node that was seen. */
  profiled({ mac, answer }: ProfileAnswer): void {
    const mag = this.#mag;
    const waiting = this.#profiles.take(mac);
    const { aaa } = mag.config;
    if (!waiting || !aaa || mag.bindings.get(mac)) {
      mag.stats.profilesUnexpected++;
      return;
    }
    const { at, clientNai, provedNai } = waiting;
    if (answer.kind === 'found') {
      mag.stats.profilesFound++;
      this.#register(mac, at, aaaStation(aaa, mac, answer.profile, clientNai));
    } else if (answer.kind === 'none') {
      mag.stats.profilesNone++;
      this.#registerUnknown({ mac, provedNai }, at, answer.reason);
    } else {
      mag.stats.profilesRefused++;
      this.#logStranger(mac, at, answer.reason);
      refuse(mag, at.name, mac, answer.reason);
    }
  }

  /**
   * The node was away, or never left. An access point's or a controller's word that it has just come means that it may have been at another
   * gateway in between; not so a layer-2 update, which it causes at every access point behind the interface. RFC 5844 §3.4.3 "Common DHCP Considerations": on a DHCP trigger, "If there is no assigned IPv4 home address assigned for
   * that mobile node, the mobile access gateway will complete the Proxy Mobile IPv6 signaling". For any other frame the
   * session stands and is announced again.
   */
  #seenAgain(binding: Binding, event: AttachedEvent): void {
    const mag = this.#mag;
    const { granted } = binding;
    if (!granted || isArrival(binding.request)) return;
    const lacksAddress = !granted.homeAddress && requestedFamilies(binding.profile, mag.denial(binding.nai)).ipv4;
    if (comesFromAway(event.trigger) || (event.trigger === 'dhcp' && lacksAddress)) {
      startRequest(mag, binding, 'attach');
      return;
    }
    if (event.trigger === 'layer-2-update') noteReturn(mag, binding);
    announceSession(mag, binding, granted);
  }

  /**
   * RFC 5213 §6.9.1.1(1) "Mobile Node Attachment and Initial Binding Registration": "After detecting a new mobile node on its access link, the mobile access gateway MUST identify the mobile node and
   * acquire its MN-Identifier. If it determines that the network-based mobility management service needs to be offered to the
   * mobile node, it MUST send a Proxy Binding Update message to the local mobility anchor."
   */
  #identify(event: AttachedEvent, at: MagInterface): void {
    const { mac } = event;
    const { config, bindings } = this.#mag;
    const local = localStation(config, at, mac);
    if (local) this.#register(mac, at, local);
    else if (!config.aaa) this.#registerUnknown(event, at, 'no profile');
    else if (bindings.size + this.#profiles.size >= config.bindingMaximum) this.#refuseOverMaximum(mac, at);
    else this.#profiles.ask(event, at);
  }

  /**
   * Neither the configuration nor the AAA server knows of it. RFC 5213 §6.14 "Allowing Network Access to Other IPv6 Nodes": "the mobile access gateway MUST determine if network-based mobility management service should be offered to that
   * mobile node." Chooses: whoever has no profile gets no service of any kind from this gateway.
   */
  #registerUnknown({ mac, provedNai }: Known, at: MagInterface, reason: string): void {
    const station = provedStation(this.#mag.config, provedNai) ?? defaultStation(at, mac);
    if (station) {
      this.#register(mac, at, station);
      return;
    }
    this.#mag.stats.attachedWithoutProfile++;
    this.#logStranger(mac, at, reason);
    refuse(this.#mag, at.name, mac, reason);
  }

  #register(mac: MacAddress, at: MagInterface, station: StationProfile): void {
    const mag = this.#mag;
    if (mag.config.needsApn && station.profile.apn === undefined) {
      mag.stats.attachedWithoutApn++;
      refuse(mag, at.name, mac, `role 3gpp needs an access point name, and ${station.nai} has none`);
      return;
    }
    const denial = mag.denial(station.nai);
    const families = requestedFamilies(station.profile, denial);
    if (denial.all !== undefined || (!families.ipv4 && !families.ipv6)) {
      mag.stats.attachedDenied++;
      refuse(mag, at.name, mac, denial.all ?? 'the LMA authorizes no service');
      return;
    }
    if (mag.bindings.size >= mag.config.bindingMaximum) {
      this.#refuseOverMaximum(mac, at);
      return;
    }
    const binding = newBinding(mag, station, mac, at);
    if (!binding) {
      mag.stats.attachedWithoutLma++;
      mag.log('error', 'no-lma', `no address to reach an LMA from and at for ${station.nai}`, {
        nai: station.nai,
        interface: at.name,
      });
      refuse(mag, at.name, mac, 'no LMA');
      return;
    }
    if (station.ipv4Transport === false && binding.peer.transport !== 'ipv6') {
      mag.stats.profilesRefused++;
      const reason = `the AAA server does not authorize IPv4 transport to LMA ${binding.lma.name}`;
      this.#logStranger(mac, at, reason);
      refuse(mag, at.name, mac, reason);
      return;
    }
    spareNewSession(mag, binding);
    // §6.9.1.1(11): "the mobile access gateway MUST create a Binding Update List entry for the mobile node upon sending the Proxy
    // Binding Update message." RFC 5844 §4.2.1 "Extensions to Binding Update List Entry": it has the address of the LMA, of either family.
    const purpose = isFurtherInterface(mag, binding) ? 'attach-further' : 'attach';
    mag.bindings.add(binding);
    mag.stats.bindingsCreated++;
    tellCreated(mag, binding);
    tellWithoutEffect(mag, binding);
    if (station.sessionTimeout !== undefined) limitSession(mag, binding, station.sessionTimeout);
    startRequest(mag, binding, purpose);
  }

  #refuseOverMaximum(mac: MacAddress, at: MagInterface): void {
    this.#mag.stats.attachedOverMaximum++;
    refuse(this.#mag, at.name, mac, 'binding maximum reached');
  }

  #logStranger(mac: MacAddress, at: MagInterface, reason: string): void {
    if (this.#strangers.has(mac.key) || this.#strangers.size >= STRANGERS_LOGGED) return;
    this.#strangers.add(mac.key);
    const text = this.#mag.config.aaa
      ? `${mac.toCiscoString()} on ${at.name} is not served: ${reason}`
      : `no profile for ${mac.toCiscoString()}: neither a local one nor a default of ${at.name}`;
    this.#mag.log('warn', 'no-profile', text, { mac: mac.toCiscoString(), interface: at.name });
  }
}

/** What an AAA server says of a mobile node and changes nothing is no fault, but the operator may wonder. */
function tellWithoutEffect(mag: MagContext, { nai, profile: { withoutEffect } }: Binding): void {
  if (!withoutEffect) return;
  mag.stats.profilesPartlyWithoutEffect++;
  const attributes = withoutEffect.join(', ');
  mag.log('info', 'profile-without-effect', `of the profile of ${nai} this has no effect here: ${attributes}`, {
    nai,
    attributes,
  });
}

function comesFromAway(trigger: AttachedEvent['trigger']): boolean {
  return trigger === 'hostapd' || trigger === 'control' || trigger === 'accounting';
}

/**
 * The mobile node was seen on another interface of this gateway: its traffic moves at once, the LMA is told after, and the access link
 * serves it when the LMA has answered.
 * Chooses: over the same access technology the message is that of an attachment (Handoff Indicator 4), which the LMA joins to
 * its binding by the link-layer identifier, wherever the node was in between; over another one it is a handoff between
 * interfaces (2) that names the assigned addresses.
 */
function move(mag: MagContext, binding: Binding, at: MagInterface): void {
  const from = binding.interface;
  mag.stats.interfaceMoves++;
  refuseHeldRevocation(mag, binding);
  binding.interface = at;
  mag.emit({
    kind: 'session',
    change: { kind: 'session-ended', interface: from.name, mac: binding.mac, reason: 'departed' },
  });
  if (binding.granted) setForwarding(mag, binding, binding.granted);
  const sameTechnology = from.accessTechnology === at.accessTechnology;
  startRequest(mag, binding, sameTechnology || !binding.granted ? 'attach' : 'handoff');
}

/**
 * RFC 5213 §6.9.1.1(5) "Mobile Node Attachment and Initial Binding Registration": a value of 1 is appropriate for "the attachment of a new interface from the same host". That the host
 * is served here by another interface at this moment, and may have several, is the proof.
 */
function isFurtherInterface(mag: MagContext, { nai, profile }: Binding): boolean {
  return profile.multihomed === true && mag.bindings.withNai(nai).some(({ state }) => state !== 'DISCONNECTING');
}

/** `undefined` without a way to an LMA. */
export function newBinding(
  mag: MagContext,
  station: StationProfile,
  mac: MacAddress,
  at: MagInterface,
): Binding | undefined {
  const lma = mag.lmas.of(station.profile);
  const peer = lma && signallingPath(mag.config.addresses, lma);
  if (!lma || !peer) return undefined;
  return {
    mac,
    nai: station.nai,
    profile: station.profile,
    lma: { name: lma.name, address: peer.remote, interop: lma.interop ?? 'strict' },
    peer,
    tunnel: tunnelWish(mag, lma, station.profile),
    downlinkKey: undefined,
    sequence: mag.firstSequence(),
    interface: at,
    state: 'INIT',
    granted: undefined,
    sent: mag.recentlySent.take(mac),
    request: undefined,
    extensionWaits: false,
    asksForAddresses: true,
    returned: false,
    heldRevocation: undefined,
    since: undefined,
    lease: undefined,
    sessionEnds: undefined,
    sessionTimer: undefined,
    successor: undefined,
    refreshTimer: undefined,
    expiryTimer: undefined,
  };
}
