import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { SeededRandom } from '#base/random.ts';
import type { Duration, Instant } from '#base/time.ts';
import { monotonicMilliseconds } from '#host/clock.ts';
import { MobileNode, type Radio, type Station, type Timers } from '#sim/index.ts';
import type { Lab } from '../lab.ts';
import { LinkTap } from '../link-tap.ts';
import { namespacePath } from '../namespaces.ts';
import { type AccessPoint, accessPoints, correspondent } from '../topology.ts';
import { ports } from '../traffic/protocol.ts';

/** Their link-layer addresses: these four octets, then a number. */
const MAC_PREFIX = 0x0024d7f0;
/** How long a frame may wait in its socket. */
const READ_MS = 5;
/** They talk so often, each in a measure of its own that rises and falls. */
const TALK_MS = 50;
const SWELL_MS = 40_000;
const DATAGRAM_OCTETS = { least: 100, most: 1200 };

/**
 * Mobile nodes beside the one that has a namespace: hosts of the simulator whose frames pass the wires of the lab's access points. What they
 * signal, and what is forwarded for them, is as real as anybody's.
 */
export class Phones {
  readonly #air: LabAir;
  readonly #phones: readonly MobileNode[];
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #correspondent = [
    Ipv4Address.parse(correspondent.ipv4) as Ipv4Address,
    Ipv6Address.parse(correspondent.ipv6) as Ipv6Address,
  ] as const;

  constructor(lab: Lab, count: number) {
    this.#air = new LabAir(lab);
    this.#phones = Array.from({ length: count }, (_, i) => {
      const mac = new MacAddress(MAC_PREFIX >>> 16, ((MAC_PREFIX & 0xffff) << 16) | (i + 1));
      return new MobileNode({ name: `phone${i + 1}`, mac }, this.#air, realTime, new SeededRandom(i + 1));
    });
  }

  get count(): number {
    return this.#phones.length;
  }

  /** They come one after the other, half of them to each access point, and begin to talk. */
  start(apartMs: number): void {
    this.#timers.push(setInterval(() => this.#air.deliver(), READ_MS));
    for (const [i, phone] of this.#phones.entries()) {
      const accessPoint = accessPoints[i % 2] as AccessPoint;
      this.#timers.push(setTimeout(() => phone.attach(accessPoint), i * apartMs));
    }
    this.#timers.push(setInterval(() => this.#talk(), TALK_MS));
  }

  /** Moves one of them to the other access point. */
  roam(index: number): void {
    const phone = this.#phones[index % this.#phones.length] as MobileNode;
    const at = this.#air.whereIs(phone);
    if (at !== undefined) phone.roam(at === 'ap1' ? 'ap2' : 'ap1');
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#air.close();
  }

  #talk(): void {
    const { least, most } = DATAGRAM_OCTETS;
    for (const [i, phone] of this.#phones.entries()) {
      const swell = (1 + Math.sin((2 * Math.PI * Date.now()) / SWELL_MS + i)) / 2;
      const destination = this.#correspondent[i % 2] as Ipv4Address | Ipv6Address;
      phone.sendDatagram(destination, ports.probe, new Uint8Array(Math.round(least + swell * (most - least))));
    }
  }
}

/** The wires behind the lab's access points. */
class LabAir implements Radio {
  readonly #lab: Lab;
  readonly #taps = new Map<AccessPoint, LinkTap>();
  readonly #stations = new Map<number, { readonly station: Station; at: AccessPoint | undefined }>();

  constructor(lab: Lab) {
    this.#lab = lab;
    for (const accessPoint of accessPoints) {
      const filter = { kind: 'to-stations', prefix: MAC_PREFIX } as const;
      this.#taps.set(accessPoint, new LinkTap(namespacePath(lab.options.prefix, accessPoint), 'wire', filter));
    }
  }

  addStation(station: Station): void {
    this.#stations.set(station.mac.key, { station, at: undefined });
  }

  whereIs({ mac }: Station): AccessPoint | undefined {
    return this.#stations.get(mac.key)?.at;
  }

  join({ mac }: Station, accessPoint: string): void {
    const entry = this.#stations.get(mac.key);
    if (!entry) return;
    entry.at = accessPoint as AccessPoint;
    this.#lab.control(entry.at).announceStation(mac);
  }

  leave({ mac }: Station): void {
    const entry = this.#stations.get(mac.key);
    if (entry) entry.at = undefined;
  }

  fromStation(station: Station, frame: Uint8Array): void {
    const at = this.whereIs(station);
    if (at !== undefined) this.#lab.control(at).send(frame); // what the kernel does not take is lost
  }

  /** What came for them since the last time. */
  deliver(): void {
    for (const [accessPoint, tap] of this.#taps) {
      tap.drain(({ outgoing, bytes }) => {
        if (!outgoing) this.#deliverFrame(accessPoint, bytes);
      });
    }
  }

  /** All are out of reach: what a host still means to send at some time goes nowhere. */
  close(): void {
    for (const entry of this.#stations.values()) entry.at = undefined;
    for (const tap of this.#taps.values()) tap.close();
  }

  #deliverFrame(accessPoint: AccessPoint, frame: Uint8Array): void {
    const destination = MacAddress.read(frame);
    const entries = destination.isMulticast ? this.#stations.values() : [this.#stations.get(destination.key)];
    for (const entry of entries) if (entry?.at === accessPoint) entry.station.receive(frame);
  }
}

/** Longer than this setTimeout does not wait. */
const LONGEST_MS = 2 ** 31 - 1;

const realTime: Timers = {
  get now() {
    return monotonicMilliseconds() as Instant;
  },
  schedule: (delay: Duration, action: () => void) => {
    // What a host means to do in an hour does not keep the lab from ending.
    const timer = setTimeout(action, Math.min(delay, LONGEST_MS)).unref();
    return () => clearTimeout(timer);
  },
};
