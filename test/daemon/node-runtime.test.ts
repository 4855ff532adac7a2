import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { instant, seconds } from '#base/time.ts';
import type { Assembly } from '#daemon/assemble.ts';
import { signallingOf } from '#daemon/assemble-signalling.ts';
import { LogLimiter } from '#daemon/log-limiter.ts';
import { NodeRuntime } from '#daemon/node-runtime.ts';
import type { LmaNode } from '#daemon/runtime-parts.ts';
import type { FailedChange } from '#dataplane/dataplane.ts';
import type { Forwarding } from '#dataplane/desired.ts';
import { readClock } from '#host/clock.ts';
import { MobilitySocket } from '#host/mobility-socket.ts';
import { inNetworkNamespace } from '#host/netns.ts';
import { UdpSignallingSocket } from '#host/udp-signalling-socket.ts';
import type { LmaConfig, LmaOutput } from '#proto/lma/index.ts';
import type { LogOutput, PeerAddress } from '#proto/peer.ts';
import { HmacSha1 } from '#wire/hmac-sha1.ts';
import { decodeMobilityHeader, encodeMobilityHeader, verifyAuthentication } from '#wire/mobility/index.ts';
import { FakeStore, Puppet } from './node-parts.ts';

const isRoot = process.geteuid?.() === 0;
const namespace = `mtd${process.pid}-rt`;
const [anchor, peer] = ['2001:db8::1', '2001:db8::2'].map((text) => Ipv6Address.parse(text) as Ipv6Address) as [
  Ipv6Address,
  Ipv6Address,
];

const [anchor4, peer4] = ['192.0.2.1', '192.0.2.2'].map((text) => Ipv4Address.parse(text)) as [
  Ipv4Address,
  Ipv4Address,
];

describe.skipIf(!isRoot)('NodeRuntime (needs root)', () => {
  let puppet: Puppet;
  let runtime: NodeRuntime;
  let mag: MobilitySocket;
  let steps: string[];
  let logged: LogOutput[];
  let store: FakeStore;
  /** What the data plane says that it could not do. */
  let forwarding: FailedChange[] = [];

  beforeAll(() => {
    execFileSync('ip', ['netns', 'add', namespace]);
    execFileSync('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
    for (const address of [anchor, peer]) {
      execFileSync('ip', ['-n', namespace, 'address', 'add', `${address}/128`, 'dev', 'lo', 'nodad']);
    }
    for (const address of [anchor4, peer4]) {
      execFileSync('ip', ['-n', namespace, 'address', 'add', `${address}/32`, 'dev', 'lo']);
    }
    return () => execFileSync('ip', ['netns', 'delete', namespace]);
  });

  beforeEach(() => {
    puppet = new Puppet();
    steps = [];
    logged = [];
    store = new FakeStore(() => steps.push('store'));
    forwarding = [{ kind: 'anchor', id: 'b', code: 'system', reason: 'no room' }];
    const config = {
      name: 'l',
      domain: 'D',
      addresses: { ipv6: anchor, ipv4: anchor4 },
      peers: [],
    } as unknown as LmaConfig;
    const lmas: LmaNode[] = [{ config, machine: puppet }];
    const assembly = {
      hostname: 'h',
      lmas: [config],
      mags: [],
      signalling: signallingOf([config], [], { lmas: [] }),
      forwarding: {},
    } as unknown as Assembly;
    inNetworkNamespace(`/run/netns/${namespace}`, () => {
      runtime = new NodeRuntime({
        assembly,
        lmas,
        mags: [],
        store,
        forward: () => {
          steps.push('forward');
          if (!forwarding) throw new Error('a bug');
          return forwarding;
        },
        forwardHeld: () => {},
        aaa: {
          askProfile: () => {},
          askAuthorization: () => {},
          bindingChanged: () => {},
          nextTimeout: () => undefined,
          expire: () => {},
        },
        accessFilter: () => undefined,
        renewForwarding: () => [],
        takePathMtus: () => [],
        log: new LogLimiter('debug', (entry) => logged.push(entry)),
        socketPrefix: '',
      });
      mag = new MobilitySocket(peer, () => {});
    });
    return () => {
      runtime.close();
      mag.close();
      store.disk.close();
    };
  });

  const send = (bytes: Uint8Array) => {
    mag.queue(anchor, bytes);
    mag.flush();
  };
  const roundsUntil = (done: () => boolean) => {
    for (let i = 0; i < 20 && !done(); i++) runtime.round();
  };
  const heartbeat = (sequence: number) =>
    encodeMobilityHeader({ kind: 'heartbeat', response: false, unsolicited: false, sequence, options: [] });
  const answers = () => {
    let count = 0;
    while (mag.receive(() => count++));
    return count;
  };
  const answerEach = () => {
    puppet.onEvent = (event) => {
      if (event.kind !== 'message') return;
      puppet.outputs.push(
        { kind: 'store', change: { kind: 'delete', id: 'b', urgency: 'before-reply' } },
        { kind: 'forward', change: { kind: 'clear', forwardingKind: 'anchor', id: 'b' } },
        acknowledgementTo(event.from),
      );
    };
  };

  it('stores, forwards and only then answers, a whole batch at a time, and measures what an answer cost', () => {
    answerEach();
    for (let i = 0; i < 10; i++) send(heartbeat(i));
    runtime.round();
    expect(puppet.events.map((event) => event.kind)).toEqual(new Array(10).fill('message'));
    expect(steps).toEqual(['store', 'forward']);
    expect(answers()).toBe(10);
    expect(runtime.outcome.costs.pbuToPba.summary()).toMatchObject({ count: 10 });
    expect(logged.map(({ code }) => code)).toContain('forwarding-failed');
  });

  it('goes on while the disk is at work, and answers in order once what was promised is durable', () => {
    store.isSlow = true;
    answerEach();
    for (let i = 0; i < 3; i++) {
      send(heartbeat(i));
      runtime.round();
    }
    // It has nothing to store, but comes after those that have.
    puppet.onEvent = (event) => {
      if (event.kind === 'message') puppet.outputs.push(acknowledgementTo(event.from));
    };
    send(heartbeat(3));
    runtime.round();
    expect(puppet.events.filter(({ kind }) => kind === 'message')).toHaveLength(4);
    expect(answers()).toBe(0);
    store.finish(2);
    runtime.round();
    expect(answers()).toBe(2);
    store.finish(3);
    runtime.round();
    expect(answers()).toBe(2);
    expect(runtime.outcome.costs.pbuToPba.summary()).toMatchObject({ count: 4 });
  });

  it('serves what comes while answers wait in one round, once the next group may begin, but answers before', () => {
    store.isSlow = true;
    answerEach();
    send(heartbeat(0));
    runtime.round();
    const begun = readClock().instant;
    store.groupAt = instant(begun + 300);
    const served = () => puppet.events.filter(({ kind }) => kind === 'message').length;
    for (let i = 1; i < 4; i++) send(heartbeat(i));
    store.finish(0);
    runtime.round();
    expect([served(), answers()]).toEqual([1, 0]);
    runtime.round();
    expect(served()).toBe(4);
    expect(readClock().instant - begun).toBeGreaterThanOrEqual(300);
    store.groupAt = instant(readClock().instant + 300_000);
    store.finish(1);
    send(heartbeat(4));
    runtime.round();
    expect([served(), answers()]).toEqual([4, 1]);
    store.finish(2);
    runtime.round();
    expect([served(), answers()]).toEqual([5, 3]);
  });

  it('begins the next group when it may, though nothing else comes', () => {
    store.isSlow = true;
    answerEach();
    send(heartbeat(0));
    runtime.round();
    const waits = vi.spyOn(runtime.loop, 'wait');
    store.groupAt = instant(readClock().instant + 5);
    runtime.round();
    expect(waits.mock.calls).toEqual([[0]]);
    store.groupAt = instant(readClock().instant - 1);
    runtime.round();
    expect(waits.mock.calls).toEqual([[0], [0]]);
  });

  it('does not wait for the next group where so many come that nothing is saved', () => {
    store.isSlow = true;
    answerEach();
    const comes = (count: number) => {
      for (let i = 0; i < count; i++) send(heartbeat(i));
      runtime.round();
      return puppet.events.filter(({ kind }) => kind === 'message').length;
    };
    expect(comes(32)).toBe(32);
    const begun = readClock().instant;
    store.groupAt = instant(begun + 300);
    expect(comes(31)).toBe(63);
    expect(readClock().instant - begun).toBeLessThan(300);
    expect(comes(1)).toBe(64);
    expect(readClock().instant - begun).toBeGreaterThanOrEqual(300);
  });

  it('withholds what waits when the disk does not take it', () => {
    store.isSlow = true;
    answerEach();
    send(heartbeat(1));
    runtime.round();
    store.fail();
    runtime.round();
    store.isSlow = false;
    send(heartbeat(2));
    runtime.round();
    expect(answers()).toBe(1);
    expect(runtime.journal.counters.storeErrors).toBe(1);
  });

  it('[RFC 5847 §3.1] answers heartbeats while the disk hangs, and the copy of a request not before that', () => {
    store.isSlow = true;
    answerEach();
    send(heartbeat(1));
    runtime.round();
    puppet.onEvent = (event) => {
      if (event.kind !== 'message') return;
      const { message } = acknowledgementTo(event.from);
      const rejection = { ...message, status: 157 } as typeof message;
      const response = { kind: 'heartbeat', response: true, unsolicited: false, sequence: 2, options: [] } as const;
      for (const one of [rejection, response]) puppet.outputs.push({ kind: 'send', to: event.from, message: one });
    };
    send(heartbeat(2));
    runtime.round();
    expect(answers()).toBe(1);
    store.finish(store.awaited);
    runtime.round();
    expect(answers()).toBe(2);
  });

  it('sends what waits for the disk before it ends', () => {
    store.isSlow = true;
    answerEach();
    send(heartbeat(1));
    runtime.round();
    runtime.close();
    expect(answers()).toBe(1);
  });

  it('withholds the answers when they cannot be stored', () => {
    store.fails = true;
    answerEach();
    send(heartbeat(1));
    runtime.round();
    expect(answers()).toBe(0);
    expect(runtime.journal.counters.storeErrors).toBe(1);
    store.fails = false;
    send(heartbeat(2));
    runtime.round();
    expect(answers()).toBe(1);
  });

  it('withholds what relies on forwarding that failed, tells the machine, and sends what that answers instead', () => {
    const acknowledgement = {
      kind: 'binding-acknowledgement',
      flags: 0,
      sequence: 1,
      lifetime: seconds(4),
      options: [],
    } as const;
    let to: PeerAddress | undefined;
    puppet.onEvent = (event) => {
      if (event.kind === 'message') {
        to = event.from;
        const binding: Forwarding = {
          kind: 'anchor',
          id: 'b',
          customer: 0,
          prefixes: [],
          paths: [{ encapsulation: { kind: 'ip' }, local: anchor, remote: peer }],
        };
        puppet.outputs.push(
          { kind: 'forward', change: { kind: 'set', forwarding: binding } },
          { kind: 'send', to, message: { ...acknowledgement, status: 0 }, reliesOn: 'b' },
          { kind: 'send', to, message: { ...acknowledgement, status: 0 }, reliesOn: 'another' },
        );
      } else if (event.kind === 'forwarding-failed' && to) {
        puppet.outputs.push({ kind: 'send', to, message: { ...acknowledgement, status: 143 } });
      }
    };
    send(heartbeat(1));
    runtime.round();
    const statuses: number[] = [];
    mag.receive((_, bytes) => {
      const message = decodeMobilityHeader(bytes);
      if (message.ok && message.value.kind === 'binding-acknowledgement') statuses.push(message.value.status);
    });
    expect(statuses).toEqual([0, 143]);
    expect(puppet.events.at(-1)).toEqual({ kind: 'forwarding-failed', id: 'b', reason: 'no room' });
    expect(runtime.journal.counters.forwardingErrors).toBe(1);
  });

  it('[RFC 4285 §5.1] signs what is to be authenticated, for the address of the MAG, and hands the octets of a message over', () => {
    const association = { subtype: 1, spi: 256, hmac: new HmacSha1(Uint8Array.of(1, 2, 3)) };
    answerEach();
    const answer = puppet.onEvent;
    let octets: Uint8Array | undefined;
    puppet.onEvent = (event) => {
      answer(event);
      if (event.kind !== 'message') return;
      octets = event.octets && Uint8Array.from(event.octets);
      puppet.outputs = puppet.outputs.map((output) =>
        output.kind === 'send' ? { ...output, authentication: [association] } : output,
      );
    };
    const sent = heartbeat(1);
    send(sent);
    runtime.round();
    expect(octets?.subarray(6)).toEqual(sent.subarray(6));
    const verdicts: string[] = [];
    mag.receive((_, bytes) => {
      for (const careOf of [peer, anchor]) verdicts.push(verifyAuthentication(bytes, association, careOf));
    });
    expect(verdicts).toEqual(['authentic', 'forged']);
  });

  it('takes an error of the data plane for a failure of all that it was asked', () => {
    forwarding = undefined as never;
    puppet.onEvent = (event) => {
      if (event.kind !== 'message') return;
      const paths: Forwarding['paths'] = [{ encapsulation: { kind: 'ip' }, local: anchor, remote: peer }];
      for (const id of ['b', 'c']) {
        const change = { kind: 'set', forwarding: { kind: 'anchor', id, customer: 0, prefixes: [], paths } } as const;
        puppet.outputs.push({ kind: 'forward', change });
      }
    };
    send(heartbeat(1));
    runtime.round();
    expect(puppet.events.slice(1)).toMatchObject([
      { kind: 'forwarding-failed', id: 'b' },
      { kind: 'forwarding-failed', id: 'c' },
    ]);
  });

  it('counts and logs an error of a machine, and goes on', () => {
    puppet.onEvent = () => {
      throw new Error('a bug');
    };
    for (let i = 0; i < 100; i++) send(heartbeat(i));
    roundsUntil(() => runtime.journal.counters.handlerErrors === 100);
    expect(logged.filter(({ level }) => level === 'error')).toHaveLength(50);
    expect(logged[0]?.text).toContain('a bug');
    answerEach();
    send(heartbeat(7));
    runtime.round();
    expect(answers()).toBe(1);
  });

  it('gives octets that are no message to the machine as malformed', () => {
    send(Uint8Array.from([59, 9, 5, 0, 0, 0, 1, 2]));
    send(randomBytes(300).fill(0x99, 0, 1));
    roundsUntil(() => runtime.journal.counters.messagesMalformed === 2);
    expect(puppet.events.map((event) => event.kind)).toEqual(['malformed', 'malformed']);
  });

  describe('over IPv4', () => {
    let gateway: UdpSignallingSocket;
    beforeEach(() => {
      gateway = inNetworkNamespace(`/run/netns/${namespace}`, () => new UdpSignallingSocket(peer4, () => {}));
      return () => gateway.close();
    });
    const received = () => {
      const messages: Uint8Array[] = [];
      while (gateway.receive((_, bytes) => messages.push(Uint8Array.from(bytes))));
      return messages;
    };
    const sendOver = (bytes: Uint8Array) => {
      gateway.queue(anchor4, bytes);
      gateway.flush();
    };

    it('[RFC 5844 §4.1.3.1, §4.1.3.1(2), §4.2.2(4)] hears a message whatever its checksum, and tells its transport and port', () => {
      const bytes = heartbeat(7);
      bytes.set([0xde, 0xad], 4);
      sendOver(bytes);
      runtime.round();
      expect(puppet.events).toMatchObject([
        {
          kind: 'message',
          from: { transport: 'ipv4-udp', local: anchor4, remote: peer4, port: 5436 },
          message: { kind: 'heartbeat', sequence: 7 },
        },
      ]);
    });

    it('[RFC 5844 §4.1.3.2(1)] answers with a checksum of zero, authenticated for the IPv4-mapped address of the MAG', () => {
      const association = { subtype: 1, spi: 256, hmac: new HmacSha1(Uint8Array.of(1, 2, 3)) };
      answerEach();
      const answer = puppet.onEvent;
      puppet.onEvent = (event) => {
        answer(event);
        puppet.outputs = puppet.outputs.map((output) =>
          output.kind === 'send' ? { ...output, authentication: [association] } : output,
        );
      };
      sendOver(heartbeat(7));
      runtime.round();
      const [bytes] = received();
      expect(bytes?.subarray(4, 6)).toEqual(Uint8Array.of(0, 0));
      expect(bytes && verifyAuthentication(bytes, association, Ipv6Address.mapped(peer4))).toBe('authentic');
    });

    it('gives octets that are no message to the machine as malformed', () => {
      sendOver(randomBytes(300).fill(0x99, 0, 1));
      sendOver(new Uint8Array(0));
      runtime.round();
      expect(puppet.events).toMatchObject([
        { kind: 'malformed', from: { transport: 'ipv4-udp', remote: peer4 } },
        { kind: 'malformed', from: { transport: 'ipv4-udp', remote: peer4 } },
      ]);
    });

    it('counts and logs that a peer does not listen', () => {
      answerEach();
      sendOver(heartbeat(1));
      gateway.close();
      runtime.round();
      roundsUntil(() => runtime.journal.counters.signallingSendFailed > 0);
      expect(logged.at(-1)).toMatchObject({
        code: 'send-failed',
        fields: { peer: '192.0.2.2', error: 'ECONNREFUSED' },
      });
    });
  });

  it('ends a round in which machines never stop talking', () => {
    forwarding = [{ kind: 'anchor', id: 'b', code: 'system', reason: 'no room' }];
    const paths: Forwarding['paths'] = [{ encapsulation: { kind: 'ip' }, local: anchor, remote: peer }];
    const binding = { kind: 'anchor', id: 'b', customer: 0, prefixes: [], paths } as const;
    puppet.drain = () => [{ kind: 'forward', change: { kind: 'set', forwarding: binding } }];
    runtime.settle();
    expect(runtime.journal.counters.roundsCutShort).toBe(1);
  });
});

function acknowledgementTo(to: PeerAddress): Extract<LmaOutput, { kind: 'send' }> {
  return {
    kind: 'send',
    to,
    message: {
      kind: 'binding-acknowledgement',
      status: 0,
      flags: 0,
      sequence: 1,
      lifetime: seconds(4),
      options: [],
    },
  };
}
