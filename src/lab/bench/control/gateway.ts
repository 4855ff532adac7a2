import { setTimeout as sleep } from 'node:timers/promises';
import { attachStations } from '../../attach-stations.ts';
import { GatewayBed } from '../../gateway-bed.ts';
import { LabError } from '../../lab-error.ts';
import type { MooringProcess } from '../../mooring-process.ts';
import { PROCESSORS } from './bed.ts';

/** An access interface takes 4,096 mobile nodes, and 256 new ones a second. */
const LINKS = 16;
/** The last leases are written by then. */
const SETTLED_MS = 2000;

export interface GatewayFigures {
  readonly stations: number;
  /** From a DHCPDISCOVER to the lease, through the LMA. */
  readonly attachPerSecond: number;
  /** Octets of memory of the daemon for each, beside what an empty one has. */
  readonly octets: number;
  readonly total: number;
  /** From the kill to an answer, with every session, lease and forwarding. */
  readonly restartSeconds: number;
  readonly totalAfter: number;
}

/** A MAG with so many mobile nodes, killed and started again. Rejects with `LabError`, also when one has lost its session or lease. */
export async function measureGateway(stations: number): Promise<GatewayFigures> {
  const bed = new GatewayBed(LINKS);
  const durable = { durable: true, processor: PROCESSORS.served };
  const running: MooringProcess[] = [];
  try {
    running.push(await bed.startLma({ durable: false, processor: PROCESSORS.load }));
    let mag = await bed.startMag(durable);
    running.push(mag);
    const empty = mag.memory;
    const mobileNodes = bed.stations();
    const seconds = await attachStations(mobileNodes, stations);
    mobileNodes.close();
    await sleep(SETTLED_MS);
    const total = mag.memory;
    await mag.end('SIGKILL');
    const killed = performance.now();
    mag = await bed.startMag(durable);
    running.push(mag);
    const restartSeconds = (performance.now() - killed) / 1000;
    const totalAfter = mag.memory;
    const leases = await bed.leases();
    if (leases.size < stations) throw new LabError('lost', `${stations - leases.size} of ${stations} leases are lost`);
    const octets = (total - empty) / stations;
    return { stations, attachPerSecond: stations / seconds, octets, total, restartSeconds, totalAfter };
  } finally {
    for (const daemon of running) await daemon.end('SIGKILL');
    bed.close();
  }
}
