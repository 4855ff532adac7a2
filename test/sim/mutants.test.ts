/** Machines that are broken on purpose: each invariant of the simulator finds the one that breaks it. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { milliseconds } from '#base/time.ts';
import { TimerQueue } from '#base/timer-queue.ts';
import { AccessMachine } from '#proto/access/index.ts';
import { HeartbeatMachine } from '#proto/heartbeat/index.ts';
import { AddressAllocator } from '#proto/lma/address-allocator.ts';
import { IndexPool } from '#proto/lma/index-pool.ts';
import { LmaMachine } from '#proto/lma/machine.ts';
import { LmaTimers } from '#proto/lma/timers.ts';
import { MagContext } from '#proto/mag/context.ts';
import type { MagOutput } from '#proto/mag/events.ts';
import { MagMachine } from '#proto/mag/index.ts';
import type { MagTimeout } from '#proto/mag/state.ts';
import type { SimulationFailure, SimulationOptions } from '#sim/index.ts';
import { runSimulation, shrink } from '#sim/index.ts';
import { HmacSha1 } from '#wire/hmac-sha1.ts';
import { replayCommand } from '../../src/lab/sim/summary.ts';

const SEEDS = Array.from({ length: 40 }, (_, i) => i + 1);
/** In which an AAA server gives addresses of no pool. */
const OUTSIDE_SEED = 1807;

interface Mutant {
  readonly what: string;
  readonly finds: RegExp;
  readonly breakIt: () => void;
  /** Those in which it shows, where it seldom does. */
  readonly seeds?: readonly number[];
}

const MUTANTS: readonly Mutant[] = [
  {
    what: 'an anchor that lends every address twice',
    finds: /^an address belongs to one binding$/,
    breakIt: () => {
      const { allocate } = IndexPool.prototype;
      const last = new WeakMap<IndexPool, number>();
      vi.spyOn(IndexPool.prototype, 'allocate').mockImplementation(function (this: IndexPool, owner, now) {
        const again = last.get(this);
        last.delete(this);
        if (again !== undefined) return again;
        const index = allocate.call(this, owner, now);
        if (index !== undefined) last.set(this, index);
        return index;
      });
    },
  },
  {
    what: 'an anchor that gives an address to another as soon as it is returned',
    finds: /^(an address belongs to one host|traffic reaches only whom it is for)$/,
    breakIt: () => {
      vi.spyOn(IndexPool.prototype, 'allocate').mockImplementation(function (this: IndexPool, owner) {
        for (let index = 0; index < this.size; index++) {
          if (this.claim(index, owner, Number.POSITIVE_INFINITY as never)) return index;
        }
        return undefined;
      });
    },
  },
  {
    what: 'an anchor that forgets to forward where a node went',
    finds: /^(both ends of a tunnel are alike|lma\d forwards for its bindings)$/,
    breakIt: () => {
      const { drain } = LmaMachine.prototype;
      const known = new Set<string>();
      vi.spyOn(LmaMachine.prototype, 'drain').mockImplementation(function (this: LmaMachine) {
        return drain.call(this).filter((output) => {
          if (output.kind !== 'forward' || output.change.kind !== 'set') return true;
          const { id } = output.change.forwarding;
          return !known.has(id) && known.add(id);
        });
      });
    },
  },
  {
    what: 'an anchor that forgets to end forwarding',
    finds: /^(lma\d forwards for its bindings|forwarding can be applied|nothing is left when everybody has gone)$/,
    breakIt: () => {
      const { drain } = LmaMachine.prototype;
      vi.spyOn(LmaMachine.prototype, 'drain').mockImplementation(function (this: LmaMachine) {
        return drain.call(this).filter((output) => output.kind !== 'forward' || output.change.kind === 'set');
      });
    },
  },
  {
    what: 'an anchor that forgets when bindings end',
    finds: /^(nothing is left when everybody has gone|a mobile node that is gone has no binding)$/,
    breakIt: () => void vi.spyOn(LmaTimers.prototype, 'set').mockImplementation(() => {}),
  },
  {
    what: 'an anchor that never takes addresses of no pool back',
    finds: /^(what is lent is what bindings have|nothing is left when everybody has gone)$/,
    seeds: [OUTSIDE_SEED],
    breakIt: () => {
      const { releasePrefix } = AddressAllocator.prototype;
      vi.spyOn(AddressAllocator.prototype, 'releasePrefix').mockImplementation(function (
        this: AddressAllocator,
        ...args
      ) {
        if (this.use().outside === 0) releasePrefix.apply(this, args);
      });
    },
  },
  {
    what: 'an anchor that takes no notice of a change of authorization',
    finds: /^no session outlasts its time$/,
    breakIt: () => {
      const { handle } = LmaMachine.prototype;
      vi.spyOn(LmaMachine.prototype, 'handle').mockImplementation(function (this: LmaMachine, event, now) {
        if (event.kind !== 'change') handle.call(this, event, now);
      });
    },
  },
  {
    what: 'an anchor that chooses addresses where the AAA server has some',
    finds: /^a mobile node has the addresses of the AAA server$/,
    breakIt: () => {
      const { handle } = LmaMachine.prototype;
      vi.spyOn(LmaMachine.prototype, 'handle').mockImplementation(function (this: LmaMachine, event, now) {
        if (event.kind !== 'authorization' || event.answer.kind !== 'granted') return handle.call(this, event, now);
        const { homeAddress: _, ...profile } = event.answer.profile;
        const answer = { ...event.answer, profile: { ...profile, prefixes: [] } };
        handle.call(this, { ...event, answer }, now);
      });
    },
  },
  {
    what: 'a gateway that forgets to refresh its bindings',
    finds: /^(a stable mobile node .*|a mobile node in reach has a binding|the gateway serves the mobile node)$/,
    breakIt: () => changeTimers('refresh', () => undefined),
  },
  {
    what: 'a gateway that leaves timers behind',
    finds: /^no timer is left$/,
    breakIt: () => changeTimers('expire', (delay, set) => void set(delay * 1000)),
  },
  {
    what: 'a gateway that refreshes its bindings without pause',
    finds: /^no message storm$/,
    breakIt: () => changeTimers('refresh', (_, set) => set(1)),
  },
  {
    what: 'a gateway that routes between those who must not reach each other',
    finds: /^local routing is allowed$/,
    breakIt: () =>
      changeForwarding(({ change }) => {
        if (change.kind === 'set') Object.assign(change.forwarding, { localRouting: true });
        return true;
      }),
  },
  {
    what: 'an access link that tells another address than the anchor gave',
    finds: /^DHCP grants what the anchor gave$/,
    breakIt: () => {
      const { handle } = AccessMachine.prototype;
      vi.spyOn(AccessMachine.prototype, 'handle').mockImplementation(function (this: AccessMachine, event, now) {
        const isActive = event.kind === 'session' && event.change.kind === 'session-active';
        const session = isActive ? event.change.session : undefined;
        const home = session?.homeAddress;
        if (session && home)
          Object.assign(session, { homeAddress: { ...home, address: new Ipv4Address(home.address.word + 1) } });
        handle.call(this, event, now);
      });
    },
  },
  {
    what: 'a gateway that still leads to those who have left',
    finds: /^(local routing leads to whom it is for|mag\d forwards for its bindings|forwarding can be applied)$/,
    breakIt: () => changeForwarding(({ change }) => change.kind === 'set'),
  },
  {
    what: 'nodes to which every key is the right one',
    finds: /^what nobody proved changes nothing$/,
    breakIt: () => void vi.spyOn(HmacSha1.prototype, 'signInto').mockImplementation((code) => void code.fill(0)),
  },
  {
    what: 'nodes that believe in every restart',
    finds: /^what nobody proved changes nothing$/,
    breakIt: () => {
      const { handle } = HeartbeatMachine.prototype;
      vi.spyOn(HeartbeatMachine.prototype, 'handle').mockImplementation(function (this: HeartbeatMachine, event, now) {
        handle.call(this, event.kind === 'message' ? { ...event, proof: 'proven' } : event, now);
      });
    },
  },
  {
    what: 'an anchor that does not count what it cannot read',
    finds: /^everything that comes is counted$/,
    breakIt: () => {
      const { handle } = LmaMachine.prototype;
      vi.spyOn(LmaMachine.prototype, 'handle').mockImplementation(function (this: LmaMachine, event, now) {
        if (event.kind !== 'malformed') handle.call(this, event, now);
      });
    },
  },
];

/** What becomes of what a gateway wants forwarded; false: nothing. */
function changeForwarding(keep: (output: Extract<MagOutput, { kind: 'forward' }>) => boolean): void {
  const { drain } = MagMachine.prototype;
  vi.spyOn(MagMachine.prototype, 'drain').mockImplementation(function (this: MagMachine) {
    return drain.call(this).filter((output) => output.kind !== 'forward' || keep(output));
  });
}

/** What becomes of a gateway's timers of one kind; without a timer of its own it has one that never runs. */
function changeTimers(
  kind: MagTimeout['kind'],
  change: (delayMs: number, set: (delayMs: number) => ReturnType<MagContext['setTimer']>) => unknown,
): void {
  const { setTimer } = MagContext.prototype;
  const aside = new TimerQueue<MagTimeout>();
  vi.spyOn(MagContext.prototype, 'setTimer').mockImplementation(function (this: MagContext, delay, timeout) {
    if (timeout.kind !== kind) return setTimer.call(this, delay, timeout);
    const set = (ms: number) => setTimer.call(this, milliseconds(ms), timeout);
    return (change(delay, set) as ReturnType<MagContext['setTimer']>) ?? aside.set(this.instant, delay, timeout);
  });
}

function firstFailure(
  seeds: readonly number[] = SEEDS,
): { readonly options: SimulationOptions; readonly failure: SimulationFailure } | undefined {
  for (const seed of seeds) {
    const options = { seed, minutes: 1 };
    const { failure } = runSimulation(options);
    if (failure) return { options, failure };
  }
  return undefined;
}

describe('what is broken is found', () => {
  afterEach(() => void vi.restoreAllMocks());

  it.each(MUTANTS)('in $what', ({ breakIt, finds, seeds }) => {
    breakIt();
    expect(firstFailure(seeds)?.failure.invariant).toMatch(finds);
  });

  it('and comes down to the least that it needs, in one command that shows it again', () => {
    MUTANTS[0]?.breakIt();
    const found = firstFailure();
    if (!found) throw new Error('nothing was found');
    const { options, failure } = shrink(found.options, found.failure);
    expect(options.minutes).toBeLessThan(found.options.minutes);
    expect(runSimulation(options).failure).toEqual(failure);
    expect(replayCommand(options)).toMatch(
      new RegExp(
        `^npm run sim -- --seed ${options.seed} --minutes [\\d.]+ (--nodes \\d+ )?--without [a-z,-]+ --verbose$`,
      ),
    );
  });
});
