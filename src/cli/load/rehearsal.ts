import type { IpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { monotonicMilliseconds } from '#host/clock.ts';
import { MobilitySocket } from '#host/mobility-socket.ts';
import { Netlink } from '#host/netlink.ts';
import { changeLink, hostPrefix, InterfaceFlag, restoreAddress } from '#host/netlink-requests.ts';
import { inNewNetworkNamespace } from '#host/netns.ts';
import { ifNameToIndex, SystemCallError } from '#host/posix.ts';
import type { SignallingSocket } from '#host/signalling-socket.ts';
import { UdpSignallingSocket } from '#host/udp-signalling-socket.ts';
import { gatewayCareOf } from '#proto/care-of-address.ts';
import { OPERATIONS, Population, type PopulationConfig } from '#proto/load/index.ts';
import {
  BindingAcknowledgementFlag,
  BindingStatus,
  type BindingUpdate,
  decodeMobilityHeader,
  encodeAuthenticated,
  encodeMobilityHeader,
  Ipv4HomeAddressStatus,
  type MobilityOption,
} from '#wire/mobility/index.ts';
import { GatewaySockets } from './gateway-sockets.ts';
import { LoadRun } from './run-load.ts';

/** Of the LMA, and of two MAGs: of the documentation, in a network namespace without anything else. */
const IPV6 = [1, 2, 3].map((host) => new Ipv6Address(0x20010db8, 0, 0, host));
const IPV4 = [1, 2, 3].map((host) => new Ipv4Address(0xc0000200 | host));
const NODES = 2000;
const IN_FLIGHT = 64;
/** Messages a second: they are due as fast as they can be sent. */
const FAST = 1e6;
/** Milliseconds until the engine has compiled what is used most. */
const REHEARSAL_MS = 500;

/**
 * Plays every operation with an LMA of its own in a network namespace of its own, so that the code is compiled when the first message counts. To compile it takes the processor for a tenth of a second, while messages that
 * are due are not sent, and answers that have come not read. Without the right to make a namespace there is no rehearsal.
 */
export async function rehearse(config: PopulationConfig): Promise<void> {
  const [lma, ...gateways] = config.lma instanceof Ipv4Address ? IPV4 : IPV6;
  if (!lma) return;
  const own = { ...config, lma, gateways, nodes: NODES };
  const stage = openStage(own);
  if (!stage) return;
  const plan = { operations: OPERATIONS, inFlight: IN_FLIGHT, rate: FAST };
  try {
    for (const started = monotonicMilliseconds(); monotonicMilliseconds() - started < REHEARSAL_MS; ) {
      const run = new LoadRun(new Population(own), stage.sockets, plan, () => {});
      await run.run();
      if (run.gaveUp) return;
    }
  } finally {
    stage.close();
  }
}

interface Stage {
  readonly sockets: GatewaySockets;
  close(): void;
}

function openStage(config: PopulationConfig): Stage | undefined {
  const { lma, gateways } = config;
  try {
    return inNewNetworkNamespace(() => {
      addToLoopback([lma, ...gateways]);
      const sockets = new GatewaySockets(lma, gateways);
      const answers = answeringAt(lma, config);
      sockets.watch(answers.fd, answers.serve);
      const close = () => {
        sockets.close();
        answers.close();
      };
      return { sockets, close };
    });
  } catch (error) {
    if (error instanceof SystemCallError) return undefined;
    throw error;
  }
}

function addToLoopback(addresses: readonly IpAddress[]): void {
  const netlink = new Netlink();
  try {
    const loopback = ifNameToIndex('lo');
    netlink.request(changeLink(loopback, { set: InterfaceFlag.UP }));
    for (const address of addresses) netlink.request(restoreAddress(loopback, hostPrefix(address)));
  } finally {
    netlink.close();
  }
}

interface Answering {
  readonly fd: number;
  readonly serve: () => void;
  close(): void;
}

function answeringAt(lma: IpAddress, config: PopulationConfig): Answering {
  const ignore = () => {};
  return lma instanceof Ipv4Address
    ? answering(new UdpSignallingSocket(lma, ignore), config)
    : answering(new MobilitySocket(lma, ignore), config);
}

function answering<Address extends IpAddress>(socket: SignallingSocket<Address>, config: PopulationConfig): Answering {
  const answers = new Answers(config);
  const serve = () => {
    socket.receive((remote, octets) => {
      const answer = answers.to(remote, octets);
      if (answer) socket.queue(remote, answer);
    });
    socket.flush();
  };
  return { fd: socket.fd, serve, close: () => socket.close() };
}

/** Accepts everything. */
class Answers {
  readonly #config: PopulationConfig;
  #given = 0;

  constructor(config: PopulationConfig) {
    this.#config = config;
  }

  to(gateway: IpAddress, octets: Uint8Array): Uint8Array | undefined {
    const decoded = decodeMobilityHeader(octets);
    return decoded.ok && decoded.value.kind === 'binding-update' ? this.#accept(gateway, decoded.value) : undefined;
  }

  #accept(gateway: IpAddress, { sequence, lifetime, options }: BindingUpdate): Uint8Array {
    const { authentication } = this.#config;
    const number = ++this.#given;
    const answer = {
      kind: 'binding-acknowledgement',
      ...{ status: BindingStatus.ACCEPTED, flags: BindingAcknowledgementFlag.P, sequence, lifetime },
      options: options.filter(({ kind }) => kind !== 'authentication').map((option) => granted(option, number)),
    } as const;
    return authentication
      ? encodeAuthenticated(answer, [authentication], gatewayCareOf(gateway))
      : encodeMobilityHeader(answer);
  }
}

/** What is given for this option of a request. */
function granted(option: MobilityOption, number: number): MobilityOption {
  if (option.kind === 'home-network-prefix' && option.prefix.isAllZero)
    return { ...option, prefix: new Ipv6Prefix(new Ipv6Address(0x20010db8, number, 0, 0), 64) };
  if (option.kind !== 'ipv4-home-address-request') return option;
  const address = option.address.isUnspecified ? new Ipv4Address(number) : option.address;
  return { kind: 'ipv4-home-address-reply', status: Ipv4HomeAddressStatus.SUCCESS, prefixLength: 24, address };
}
