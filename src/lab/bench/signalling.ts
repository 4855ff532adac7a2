/** What a Proxy Binding Update costs an LMA, from the socket to its Acknowledgement in the kernel; the data plane and the store do nothing. */
import { Command } from 'commander';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { seconds } from '#base/time.ts';
import { parseConfiguration } from '#config/index.ts';
import { assemble } from '#daemon/assemble.ts';
import { DurableState } from '#daemon/durable-state.ts';
import { LogLimiter } from '#daemon/log-limiter.ts';
import { NodeRuntime } from '#daemon/node-runtime.ts';
import { readClock } from '#host/clock.ts';
import { MobilitySocket } from '#host/mobility-socket.ts';
import { Netlink } from '#host/netlink.ts';
import { changeLink, InterfaceFlag, restoreAddress } from '#host/netlink-requests.ts';
import { inNewNetworkNamespace } from '#host/netns.ts';
import { ifNameToIndex } from '#host/posix.ts';
import { LmaMachine } from '#proto/lma/index.ts';
import {
  AccessTechnologyType,
  type BindingUpdate,
  BindingUpdateFlag,
  decodeMobilityHeader,
  encodeMobilityHeader,
  HandoffIndicator,
} from '#wire/mobility/index.ts';
import { encodeText } from '#wire/octets.ts';
import { formatTable, median } from '../figures.ts';
import { LabError } from '../lab-error.ts';

const anchor = Ipv6Address.parse('2001:db8:cafe:1024::101') as Ipv6Address;
const gateway = Ipv6Address.parse('2001:db8:cafe:1025::15') as Ipv6Address;

const configurationText = `
ip local pool V4 10.0.0.1 10.0.255.253
ipv6 local pool V6 2001:db8:f00d::/48 64
ipv6 mobile pmipv6-domain D
  no replay-protection timestamp
  mag M
    ipv6-address ${gateway}
  nai anyone
    service dual
    network N
ipv6 mobile pmipv6-lma L domain D
  address ipv6 ${anchor}
  default profile anyone
  network N
    pool ipv4 V4 pfxlen 16
    pool ipv6 V6 pfxlen 48
`;

/** Mobile nodes, and messages that are under way at once. */
const NODES = 4096;
const IN_FLIGHT = 64;

export async function run(args: readonly string[]): Promise<void> {
  const { rounds } = new Command('npm run bench -- signalling')
    .option('--rounds <n>', 'how often each mobile node refreshes', Number, 15)
    .parse([...args], { from: 'user' })
    .opts<{ rounds: number }>();
  if (!(rounds >= 1)) throw new LabError('bad-argument', 'rounds is a number from 1 on');
  inNewNetworkNamespace(() => {
    configureLoopback();
    const bed = new Bed();
    const first = bed.registerAll(0);
    // In turn, so that what else the machine does weighs on both alike.
    const quiet: number[] = [];
    const debugged: number[] = [];
    const recorded: number[] = [];
    for (let i = 0; i < rounds; i++) {
      quiet.push(bed.registerAll(3 * i + 1));
      bed.debug(true);
      debugged.push(bed.registerAll(3 * i + 2));
      bed.debug(false);
      bed.record(true);
      recorded.push(bed.registerAll(3 * i + 3));
      bed.record(false);
    }
    bed.close();
    const row = (name: string, microseconds: number) => [
      name,
      microseconds.toFixed(2),
      Math.round(1e6 / microseconds).toLocaleString('en'),
    ];
    const table = formatTable([
      ['', 'microseconds', 'per second'],
      row('first registration', first),
      row('refresh', median(quiet) ?? 0),
      row('refresh while debugged', median(debugged) ?? 0),
      row('refresh while recorded', median(recorded) ?? 0),
    ]);
    process.stdout.write(
      `${table}of processor time for each, ${NODES} mobile nodes, ${IN_FLIGHT} messages under way\n`,
    );
  });
}

/** An LMA, and a socket of its MAG. */
class Bed {
  readonly #runtime: NodeRuntime;
  readonly #mag = new MobilitySocket(gateway, () => {});

  constructor() {
    const assembly = assemble(parseConfiguration(configurationText).configuration, 'bench');
    const log = new LogLimiter('error', () => {});
    const store = new DurableState(undefined, { onFailure: 'memory', window: seconds(1) }, readClock(), log);
    store.begin(readClock());
    this.#runtime = new NodeRuntime({
      assembly,
      lmas: assembly.lmas.map((config) => ({ config, machine: new LmaMachine(config, 1) })),
      mags: [],
      store,
      forward: () => [],
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
      socketPrefix: '',
      log,
    });
    this.#runtime.journal.recorder.switch(true);
    this.record(false);
  }

  /** Registers every mobile node once; returns the LMA's microseconds for each. */
  registerAll(sequence: number): number {
    let taken = 0;
    for (let node = 0; node < NODES; node += IN_FLIGHT) {
      for (let i = 0; i < IN_FLIGHT; i++) this.#mag.queue(anchor, encodeMobilityHeader(update(node + i, sequence)));
      this.#mag.flush();
      let accepted = 0;
      for (let tries = 0; accepted < IN_FLIGHT; tries++) {
        if (tries === 10) throw new LabError('no-answer', `${IN_FLIGHT - accepted} registrations were not accepted`);
        const start = processorTime();
        this.#runtime.round();
        this.#runtime.tracer.outlet.take();
        this.#runtime.journal.events.take();
        taken += processorTime() - start;
        this.#mag.receive((_, bytes) => {
          const decoded = decodeMobilityHeader(bytes);
          if (decoded.ok && decoded.value.kind === 'binding-acknowledgement' && decoded.value.status === 0) accepted++;
        });
      }
    }
    return taken / NODES;
  }

  /** Everything that an anchor can tell. */
  debug(on: boolean): void {
    const { tracer } = this.#runtime;
    for (const flag of ['lma-event', 'lma-info', 'mobile-packets', 'tunnel'] as const) tracer.switches.set(flag, on);
    this.#runtime.debug();
  }

  /** What the HTTP API has kept: events, and the history of each mobile node. */
  record(on: boolean): void {
    const { events, recorder } = this.#runtime.journal;
    events.on = on;
    recorder.on = on;
    if (on) this.#runtime.bindings.begin([].values());
    else this.#runtime.bindings.end();
  }

  close(): void {
    this.#runtime.close();
    this.#mag.close();
  }
}

function configureLoopback(): void {
  const netlink = new Netlink();
  try {
    const loopback = ifNameToIndex('lo');
    netlink.request(changeLink(loopback, { set: InterfaceFlag.UP }));
    for (const address of [anchor, gateway]) {
      netlink.request(restoreAddress(loopback, Ipv6Prefix.parse(`${address}/128`) as Ipv6Prefix));
    }
  } finally {
    netlink.close();
  }
}

/** In microseconds. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function update(node: number, sequence: number): BindingUpdate {
  const number = `${node}`.padStart(5, '0');
  const indicator = sequence === 0 ? HandoffIndicator.NEW_INTERFACE : HandoffIndicator.NOT_CHANGED;
  return {
    kind: 'binding-update',
    sequence,
    flags: BindingUpdateFlag.A | BindingUpdateFlag.P,
    lifetime: seconds(3600),
    options: [
      { kind: 'mobile-node-identifier', subtype: 1, identifier: encodeText(`mn${number}@example.net`) },
      { kind: 'home-network-prefix', prefix: Ipv6Prefix.allZero, offLink: false },
      { kind: 'handoff-indicator', indicator },
      { kind: 'access-technology-type', accessTechnology: AccessTechnologyType.IEEE_802_11 },
      { kind: 'mobile-node-link-layer-identifier', identifier: encodeText(number) },
      { kind: 'ipv4-home-address-request', prefixLength: 24, address: Ipv4Address.unspecified },
    ],
  };
}
