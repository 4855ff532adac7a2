/** One peer sends all that it can, through the queue of what was received, to an LMA and to a MAG; what becomes of the others is told in figures. */
import { describe, expect, it } from 'vitest';
import { MacAddress } from '#base/mac-address.ts';
import { instant } from '#base/time.ts';
import { Reception } from '#daemon/reception.ts';
import type { PeerAddress } from '#proto/peer.ts';
import type { Decoded } from '#wire/error.ts';
import { decodeMobilityHeader, encodeMobilityHeader, type MobilityMessage } from '#wire/mobility/index.ts';
import { baseConfig, Dialogue, ipv6, peer } from '../proto/lma/dialogue.ts';
import { acknowledgement, LMA_ADDRESS, MAG_ADDRESS, MagDialogue, revocation, v6 } from '../proto/mag/dialogue.ts';

/** Of 20 ms each; in each the flooding peer sends eight times what is served. */
const ROUNDS = 40;
const ROUND_MS = 20;
const FLOOD = 2048;

type Handle = (from: PeerAddress, message: Decoded<MobilityMessage>) => void;

/** Rounds of a node whose peers are these: what the flood and the others send in it, then what is served. */
class Node {
  readonly reception = new Reception();
  readonly #handle: Handle;
  sent = 0;
  served = 0;
  longestWaitMs = 0;

  constructor(peers: readonly PeerAddress[], handle: Handle) {
    this.reception.configure(
      peers.map(({ remote: address }) => ({ address, interop: 'strict' })),
      false,
    );
    this.#handle = handle;
  }

  take(from: PeerAddress, octets: Uint8Array, now: number): void {
    this.sent++;
    this.reception.take(from, octets, instant(now));
  }

  serve(now: number, flooding: PeerAddress): void {
    this.reception.serve(instant(now), (from, octets, waited) => {
      this.served++;
      if (from !== flooding) this.longestWaitMs = Math.max(this.longestWaitMs, waited);
      this.#handle(from, decodeMobilityHeader(octets));
    });
  }
}

/** A peer that has lost its senses: messages of every kind, and octets that are none. */
function floodOf(messages: readonly MobilityMessage[]): (i: number) => Uint8Array {
  const octets = [...messages.map((message) => encodeMobilityHeader(message)), Uint8Array.of(59, 9, 5, 0, 0, 0, 0, 0)];
  return (i) => octets[i % octets.length] as Uint8Array;
}

const request = { kind: 'heartbeat', response: false, unsolicited: false, sequence: 1, options: [] } as const;
const unknown = { kind: 'unknown-mobility-message', type: 200, data: new Uint8Array(10) } as const;
const answer = { kind: 'binding-revocation-acknowledgement', status: 0, sequence: 9, flags: 0, options: [] } as const;

describe('while one peer sends eight times what is served', () => {
  it('an LMA answers every registration of three other MAGs within a round, and counts all the rest', () => {
    const mags = [1, 2, 3, 4].map((n) => ipv6(`2001:db8:cafe:1025::${n}`));
    const dialogue = new Dialogue({
      bindingMaximum: 1000,
      peers: mags.map((address, i) => ({ name: `mag${i}`, ipv6: address })),
      pools: { ...baseConfig.pools, ipv4: [] },
      defaultProfile: { nai: 'default', service: 'ipv6' },
    });
    const [flooding, ...others] = mags.map((address) => peer(address)) as [PeerAddress, ...PeerAddress[]];
    const statuses: string[] = [];
    const node = new Node([flooding, ...others], (from, message) => {
      const outputs = dialogue.tell(
        message.ok
          ? { kind: 'message', from, message: message.value }
          : { kind: 'malformed', from, error: message.error },
      );
      for (const output of outputs) {
        if (output.kind !== 'send' || output.message.kind !== 'binding-acknowledgement') continue;
        if (output.to.remote !== flooding.remote) statuses.push(`${output.to.remote} ${output.message.status}`);
      }
    });
    const bad = dialogue.build({ nai: 'nobody', prefixes: [], home: [] });
    const flood = floodOf([request, unknown, answer, revocation(), bad]);
    for (let round = 0; round < ROUNDS; round++) {
      for (let i = 0; i < FLOOD; i++) node.take(flooding, flood(i), dialogue.now.instant);
      for (const [i, from] of others.entries()) {
        const nai = `mn${round}x${i}@example.com`;
        const linkLayer = `02${(round * 3 + i).toString(16).padStart(10, '0')}`;
        node.take(from, encodeMobilityHeader(dialogue.build({ nai, linkLayer, home: [] })), dialogue.now.instant);
      }
      dialogue.pass(ROUND_MS);
      node.serve(dialogue.now.instant, flooding);
    }
    expect(statuses).toHaveLength(3 * ROUNDS);
    expect(new Set(statuses)).toEqual(new Set(others.map(({ remote }) => `${remote} 0`)));
    expect(node.longestWaitMs).toBe(ROUND_MS);
    expect(dialogue.lma.bindingCount).toBe(3 * ROUNDS);
    const { waiting, dropped, droppedOf } = node.reception.snapshot();
    expect(droppedOf).toEqual([{ source: `${flooding.remote}`, dropped }]);
    expect(node.sent).toBe(node.served + Number(dropped) + Number(waiting));
    const { pbuReceived, pbaByStatus, braUnmatched, briReceived, malformed, unexpected } = dialogue.lma.stats;
    const counted = pbuReceived + braUnmatched + briReceived + sum(malformed) + sum(unexpected);
    expect(counted + dialogue.lma.heartbeatStats.requestsReceived).toBe(node.served);
    expect(pbaByStatus).toMatchObject({ ACCEPTED: 3 * ROUNDS });
  });

  it('a MAG registers every mobile node of another LMA within a round, and counts all the rest', () => {
    const quietAddress = v6('2001:db8:cafe:1024::102');
    const [flooding, quiet] = [LMA_ADDRESS, quietAddress].map((remote) => {
      return { transport: 'ipv6', local: MAG_ADDRESS, remote };
    }) as [PeerAddress, PeerAddress];
    const dialogue = new MagDialogue({
      lmas: [
        { name: 'quiet', ipv6: quietAddress },
        { name: 'flooding', ipv6: LMA_ADDRESS },
      ],
    });
    const node = new Node([flooding, quiet], (from, message) => {
      if (message.ok) dialogue.receive(message.value, from);
      else dialogue.handle({ kind: 'malformed', from, error: message.error });
    });
    const flood = floodOf([request, unknown, answer, revocation({ options: [] }), acknowledgementOfNothing(dialogue)]);
    for (let round = 0; round < ROUNDS; round++) {
      for (let i = 0; i < FLOOD; i++) node.take(flooding, flood(i), dialogue.now);
      const mac = MacAddress.parse(`0200.0000.${(0x1000 + round).toString(16)}`) as MacAddress;
      dialogue.attach('layer-2-update', undefined, mac);
      const grant = { homeAddress: null, prefixes: [`2001:db8:f00d:${round}::/64`] };
      const update = dialogue.update();
      node.take(quiet, encodeMobilityHeader(acknowledgement(update, grant)), dialogue.now);
      dialogue.advance(ROUND_MS);
      node.serve(dialogue.now, flooding);
      dialogue.outputs = [];
    }
    expect(node.longestWaitMs).toBe(ROUND_MS);
    expect(dialogue.mag.snapshot().filter(({ state }) => state === 'ACTIVE')).toHaveLength(ROUNDS);
    const { waiting, dropped, droppedOf } = node.reception.snapshot();
    expect(droppedOf).toEqual([{ source: `${flooding.remote}`, dropped }]);
    expect(node.sent).toBe(node.served + Number(dropped) + Number(waiting));
    const { pbaReceived, pbaUnmatched, braUnmatched, briReceived, messagesMalformed, messagesUnsupported } =
      dialogue.mag.stats;
    const counted = pbaReceived + braUnmatched + briReceived + messagesMalformed + messagesUnsupported;
    expect(counted + dialogue.mag.heartbeatStats.requestsReceived).toBe(node.served);
    expect(pbaReceived - pbaUnmatched).toBe(ROUNDS);
  });
});

function acknowledgementOfNothing(dialogue: MagDialogue): MobilityMessage {
  dialogue.attach();
  const update = dialogue.update();
  dialogue.handle({ kind: 'clear-bindings' });
  dialogue.outputs = [];
  return { ...acknowledgement(update), sequence: (update.sequence + 1000) & 0xffff };
}

function sum(counters: Readonly<Record<string, number>>): number {
  return Object.values(counters).reduce((total, count) => total + count, 0);
}
