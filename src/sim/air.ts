import { MacAddress } from '#base/mac-address.ts';
import type { Random } from '#base/random.ts';
import { encodeLayer2Update } from '#wire/llc-xid.ts';
import type { LinkFaults } from './link.ts';
import { PERFECT_LINK, SimLink } from './link.ts';
import type { Scheduler } from './scheduler.ts';

/** Something with a radio. */
export interface Station {
  readonly mac: MacAddress;
  receive(frame: Uint8Array): void;
}

/** What a host needs of the air. */
export type Radio = Pick<Air, 'addStation' | 'join' | 'leave' | 'fromStation'>;

/** Access points, each with one access link behind it, and the stations that are associated with one of them or with none. */
export class Air {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #faults: LinkFaults;
  readonly #accessPoints = new Map<string, (frame: Uint8Array) => void>();
  readonly #radios = new Map<number, RadioLink>();
  /** Sees every frame as its sender lets it go; an access point's layer-2 updates are of the station. */
  onFrame: (accessPoint: string, frame: Uint8Array) => void = () => {};

  constructor(scheduler: Scheduler, random: Random, faults: LinkFaults) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#faults = faults;
  }

  addAccessPoint(name: string, receive: (frame: Uint8Array) => void): void {
    this.#accessPoints.set(name, receive);
  }

  addStation(station: Station, faults: LinkFaults = this.#faults): void {
    const link = () => new SimLink(this.#scheduler, this.#random, faults);
    this.#radios.set(station.mac.key, { station, accessPoint: undefined, up: link(), down: link() });
  }

  /** Where the station is; `undefined` when it is out of reach. */
  whereIs(station: Station): string | undefined {
    return this.#radios.get(station.mac.key)?.accessPoint;
  }

  /**
   * Associates: the new access point broadcasts the layer-2 update frame, unless it is one that does not; a former one says nothing, as in
   * real ones.
   */
  join(station: Station, accessPoint: string, announces = true): void {
    const radio = this.#radios.get(station.mac.key);
    const receive = this.#accessPoints.get(accessPoint);
    if (!radio || !receive) throw new RangeError(`no such station or access point: ${station.mac} ${accessPoint}`);
    radio.accessPoint = accessPoint;
    if (!announces) return;
    const update = encodeLayer2Update(station.mac);
    this.onFrame(accessPoint, update);
    this.#scheduler.schedule(this.#faults.delay, () => receive(update));
  }

  /** The stations of an access point lose it. */
  dropAll(accessPoint: string): void {
    for (const radio of this.#radios.values()) if (radio.accessPoint === accessPoint) radio.accessPoint = undefined;
  }

  /** A frame of somebody who is no station of this air. */
  inject(accessPoint: string, frame: Uint8Array): void {
    this.onFrame(accessPoint, frame);
    this.#scheduler.schedule(this.#faults.delay, () => this.#accessPoints.get(accessPoint)?.(frame));
  }

  /** Out of reach of every access point. */
  leave(station: Station): void {
    const radio = this.#radios.get(station.mac.key);
    if (radio) radio.accessPoint = undefined;
  }

  /** Frames of stations and to them. */
  get lost(): number {
    return [...this.#radios.values()].reduce((sum, { up, down }) => sum + up.stats.lost + down.stats.lost, 0);
  }

  /** Every radio becomes faultless, with its delay. */
  heal(): void {
    for (const { up, down } of this.#radios.values()) {
      for (const link of [up, down]) link.faults = { ...PERFECT_LINK, delay: link.faults.delay };
    }
  }

  fromStation(station: Station, frame: Uint8Array): void {
    const radio = this.#radios.get(station.mac.key);
    const sentTo = radio?.accessPoint;
    if (!radio || sentTo === undefined) return;
    this.onFrame(sentTo, frame);
    radio.up.carry(() => this.#accessPoints.get(sentTo)?.(frame));
  }

  /** To the stations of that access point that the frame is for. */
  fromAccessPoint(name: string, frame: Uint8Array): void {
    this.onFrame(name, frame);
    const destination = MacAddress.read(frame);
    const radios = destination.isMulticast ? this.#radios.values() : [this.#radios.get(destination.key)];
    for (const radio of radios) {
      if (radio?.accessPoint !== name) continue;
      // A frame on its way is lost when the station leaves meanwhile.
      radio.down.carry(() => {
        if (radio.accessPoint === name) radio.station.receive(frame);
      });
    }
  }
}

interface RadioLink {
  readonly station: Station;
  accessPoint: string | undefined;
  readonly up: SimLink;
  readonly down: SimLink;
}
