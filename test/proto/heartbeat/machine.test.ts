import { describe, expect, it } from 'vitest';
import { seconds } from '#base/time.ts';
import { PATHS_MAXIMUM } from '#proto/heartbeat/index.ts';
import { HeartbeatDialogue, OVER_IPV4, PEER, peerAt } from './dialogue.ts';

const unsolicited = (counter: number) =>
  ({
    kind: 'heartbeat',
    response: true,
    unsolicited: true,
    sequence: 0xffff_ffff,
    options: [{ kind: 'restart-counter', counter }],
  }) as const;

describe('requests', () => {
  it('[RFC 5847 §3] go out at the interval, each with the next sequence number, and from the first session on', () => {
    const dialogue = new HeartbeatDialogue();
    dialogue.handle({ kind: 'session', peer: PEER, name: 'mag1' });
    dialogue.advance(600);
    expect(dialogue.requests()).toEqual([]);
    const first = dialogue.begin();
    expect(first).toMatchObject({ response: false, unsolicited: false, options: [] });
    dialogue.answer(first);
    for (let i = 1; i < 5; i++) {
      dialogue.advance(60);
      const [request, ...more] = dialogue.requests();
      expect(more).toEqual([]);
      expect(request?.sequence).toBe((first.sequence + i) >>> 0);
      if (request) dialogue.answer(request);
    }
  });

  it('[RFC 5847 §3] end with the last session, and begin again with the next', () => {
    const dialogue = new HeartbeatDialogue();
    dialogue.answer(dialogue.begin());
    dialogue.sessions.set(PEER.remote.key, 0);
    dialogue.advance(600);
    expect(dialogue.requests()).toEqual([]);
    expect(dialogue.row()).toMatchObject({ state: 'idle', status: false, sessions: 0, restartCounter: null });
    expect(dialogue.machine.nextTimeout()).toBeUndefined();
    dialogue.begin();
    expect(dialogue.row()).toMatchObject({ state: 'probing', sessions: 1 });
  });

  it('[RFC 5847 §5] are not sent unless configured; those of peers are answered all the same', () => {
    const dialogue = new HeartbeatDialogue(undefined);
    const quiet = new HeartbeatDialogue();
    quiet.handle({ kind: 'configure', config: undefined });
    quiet.sessions.set(PEER.remote.key, 1);
    quiet.handle({ kind: 'session', peer: PEER, name: 'mag1' });
    quiet.advance(600);
    expect(quiet.requests()).toEqual([]);
    dialogue.receive({ kind: 'heartbeat', response: false, unsolicited: false, sequence: 77, options: [] });
    expect(dialogue.outputs).toEqual([
      {
        kind: 'send',
        to: PEER,
        message: {
          kind: 'heartbeat',
          response: true,
          unsolicited: false,
          sequence: 77,
          options: [{ kind: 'restart-counter', counter: 7 }],
        },
      },
    ]);
  });

  it('[RFC 5847 §4] go over IPv4 to a peer that registered over it, at its port', () => {
    const dialogue = new HeartbeatDialogue();
    dialogue.sessions.set(OVER_IPV4.remote.key, 2);
    dialogue.handle({ kind: 'session', peer: OVER_IPV4, name: 'mag1' });
    dialogue.advance(1);
    expect(dialogue.outputs).toMatchObject([{ kind: 'send', to: OVER_IPV4 }]);
    expect(dialogue.row()).toMatchObject({ ipv6Path: false, sourcePort: 5436, destinationPort: 6000, sessions: 2 });
  });

  it('[RFC 5847 §3] are never sent again to a peer that does not know them', () => {
    const dialogue = new HeartbeatDialogue();
    dialogue.begin();
    dialogue.handle({ kind: 'unsupported', from: PEER });
    expect(dialogue.news()).toEqual(['log heartbeat-unsupported']);
    dialogue.handle({ kind: 'session', peer: PEER, name: 'mag1' });
    dialogue.advance(3600);
    expect(dialogue.requests()).toEqual([]);
    expect(dialogue.row()).toMatchObject({ state: 'unsupported' });
  });

  it('[RFC 5847 §3] go on after a Binding Error that answers none of them', () => {
    const dialogue = new HeartbeatDialogue();
    dialogue.answer(dialogue.begin());
    dialogue.handle({ kind: 'unsupported', from: PEER });
    expect(dialogue.row()).toMatchObject({ state: 'up' });
    expect(dialogue.machine.stats.bindingErrors).toBe(0);
  });

  it('are sent to so many peers and no more; an idle path gives way', () => {
    const dialogue = new HeartbeatDialogue();
    const watch = (i: number) => {
      const peer = peerAt(`2001:db8:1::${i.toString(16)}`);
      dialogue.sessions.set(peer.remote.key, 1);
      dialogue.handle({ kind: 'session', peer, name: `${i}` });
      return peer;
    };
    const first = watch(1);
    for (let i = 2; i <= PATHS_MAXIMUM + 3; i++) watch(i);
    expect(dialogue.machine.stats.peersNotWatched).toBe(3);
    expect(dialogue.row(PATHS_MAXIMUM - 1)).toBeDefined();
    expect(dialogue.row(PATHS_MAXIMUM)).toBeUndefined();
    dialogue.sessions.set(first.remote.key, 0);
    dialogue.advance(61);
    watch(PATHS_MAXIMUM + 4);
    expect(dialogue.machine.stats.peersNotWatched).toBe(3);
    expect(dialogue.row(PATHS_MAXIMUM)).toBeUndefined();
    expect(dialogue.machine.pathState(first.remote)).toBeUndefined();
  });
});

describe('configuration', () => {
  it('a changed interval holds from the next request on, and nothing is forgotten', () => {
    const dialogue = new HeartbeatDialogue({ interval: seconds(60), retries: 3 });
    dialogue.answer(dialogue.begin());
    dialogue.handle({ kind: 'configure', config: { interval: seconds(20), retries: 1 } });
    expect(dialogue.row()).toMatchObject({ state: 'up', restartCounter: 4, interval: 20, retries: 1 });
    dialogue.advance(60);
    expect(dialogue.requests()).toHaveLength(1);
    dialogue.advance(40);
    expect(dialogue.requests()).toHaveLength(2);
  });

  it('without heartbeats every path is forgotten', () => {
    const dialogue = new HeartbeatDialogue();
    dialogue.begin();
    dialogue.handle({ kind: 'configure', config: undefined });
    expect(dialogue.row()).toBeUndefined();
    expect(dialogue.machine.nextTimeout()).toBeUndefined();
  });
});

describe('failure detection', () => {
  it('[RFC 5847 §3.1] takes a peer for dead when more than the allowed heartbeats are missing, and not before', () => {
    const dialogue = new HeartbeatDialogue({ interval: seconds(60), retries: 3 });
    dialogue.answer(dialogue.begin());
    dialogue.advance(60);
    dialogue.news();
    dialogue.advance(180);
    expect(dialogue.row()).toMatchObject({ state: 'up', status: true, missing: 3 });
    expect(dialogue.news()).toEqual([]);
    dialogue.advance(60);
    expect(dialogue.news()).toEqual(['log peer-unreachable', 'failed']);
    expect(dialogue.row()).toMatchObject({ state: 'down', status: false, missing: 4 });
    dialogue.advance(600);
    expect(dialogue.news()).toEqual([]);
    expect(dialogue.machine.stats).toMatchObject({ pathsFailed: 1, requestsUnanswered: 14 });
  });

  it('[RFC 5847 §3.1] counts from zero again after an answer', () => {
    const dialogue = new HeartbeatDialogue({ interval: seconds(10), retries: 1 });
    dialogue.begin();
    for (let i = 0; i < 20; i++) {
      dialogue.advance(10);
      const [request] = dialogue.requests();
      if (request && i % 2 === 0) dialogue.answer(request);
    }
    expect(dialogue.news()).toEqual([]);
    expect(dialogue.machine.stats.requestsUnanswered).toBeGreaterThan(5);
  });

  it('notices that the peer is back, with the sessions that it had', () => {
    const dialogue = new HeartbeatDialogue({ interval: seconds(10), retries: 1 });
    dialogue.answer(dialogue.begin());
    dialogue.advance(100);
    dialogue.requests();
    dialogue.news();
    dialogue.advance(10);
    const [request] = dialogue.requests();
    if (request) dialogue.answer(request);
    expect(dialogue.news()).toEqual(['log peer-reachable', 'recovered']);
    expect(dialogue.row()).toMatchObject({ state: 'up', missing: 0, lastHeardAgo: 0 });
  });

  it('[RFC 5847 §3.1] takes no answer with another sequence number, nor the same one twice, nor one of nobody', () => {
    const dialogue = new HeartbeatDialogue();
    const request = dialogue.begin();
    dialogue.answer({ ...request, sequence: request.sequence ^ 1 });
    expect(dialogue.row()).toMatchObject({ state: 'probing' });
    dialogue.answer(request);
    expect(dialogue.row()).toMatchObject({ state: 'up', restartCounter: 4 });
    dialogue.answer(request, 5);
    expect(dialogue.row()).toMatchObject({ restartCounter: 4 });
    dialogue.answer(request, 4, peerAt('2001:db8:bad::1'));
    expect(dialogue.machine.stats).toMatchObject({ responsesMismatched: 2, responsesFromUnknownPeer: 1 });
    expect(dialogue.news()).toEqual([]);
  });
});

describe('restart detection', () => {
  it('[RFC 5847 §3.2] stores the first counter, and tells of any other one, smaller or greater', () => {
    for (const counter of [3, 5]) {
      const dialogue = new HeartbeatDialogue();
      dialogue.answer(dialogue.begin(), 4);
      expect(dialogue.news()).toEqual([]);
      dialogue.advance(60);
      const [request] = dialogue.requests();
      if (request) dialogue.answer(request, counter);
      expect(dialogue.outputs).toMatchObject([
        { kind: 'log', code: 'peer-restarted', fields: { peer: 'mag1', restartCounter: counter } },
        { kind: 'path', change: 'restarted', lastHeard: 2000 },
      ]);
    }
  });

  it('[RFC 5847 §3.2] a peer without the counter is alive, and nothing more is known', () => {
    const dialogue = new HeartbeatDialogue();
    const request = dialogue.begin();
    dialogue.receive({ ...request, response: true });
    expect(dialogue.row()).toMatchObject({ state: 'up', restartCounter: null });
    expect(dialogue.machine.stats.responsesWithoutCounter).toBe(1);
  });

  it('[RFC 5847 §3.2] asks at once after an unsolicited response with another counter, and believes the answer', () => {
    const dialogue = new HeartbeatDialogue();
    dialogue.answer(dialogue.begin(), 4);
    dialogue.receive(unsolicited(9));
    const [request] = dialogue.requests();
    expect(dialogue.news()).toEqual([]);
    if (request) dialogue.answer(request, 9);
    expect(dialogue.news()).toEqual(['log peer-restarted', 'restarted']);
    dialogue.receive(unsolicited(9));
    expect(dialogue.requests()).toEqual([]);
  });

  it('a forged unsolicited response ends nothing, and a flood of them is asked about ten times', () => {
    const dialogue = new HeartbeatDialogue();
    dialogue.answer(dialogue.begin(), 4);
    for (let i = 0; i < 1000; i++) dialogue.receive(unsolicited(100 + i));
    const requests = dialogue.requests();
    expect(requests).toHaveLength(10);
    const last = requests.at(-1);
    if (last) dialogue.answer(last, 4);
    expect(dialogue.news()).toEqual([]);
    expect(dialogue.row()).toMatchObject({ state: 'up', missing: 0, restartCounter: 4 });
  });

  it('[RFC 5847 §3.2] tells the configured peers of its own start, once, without an answer being due', () => {
    const dialogue = new HeartbeatDialogue({ interval: seconds(60), retries: 3 }, [PEER, OVER_IPV4]);
    dialogue.advance(600);
    expect(dialogue.outputs).toMatchObject([
      { kind: 'send', to: PEER, message: { response: true, unsolicited: true } },
      { kind: 'send', to: OVER_IPV4, message: { options: [{ kind: 'restart-counter', counter: 7 }] } },
    ]);
    expect(dialogue.machine.stats).toMatchObject({ unsolicitedSent: 2, requestsSent: 0 });
  });
});
