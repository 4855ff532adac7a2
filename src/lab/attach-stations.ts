import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from './lab-error.ts';
import type { Stations } from './stations.ts';

/** Those that wait for an answer at once. */
const AT_ONCE = 256;
const PATIENCE_MS = 1000;
/** Without any answer for so long, there is no service. */
const SILENCE_MS = 20_000;

/** Has them come until each has a lease; resolves to how many seconds it took. Rejects with `LabError` when that stops. */
export async function attachStations(stations: Stations, count: number): Promise<number> {
  const started = performance.now();
  const waiting = new Map<number, number>();
  let [next, last] = [0, started];
  while (stations.leases.size < count) {
    const now = performance.now();
    for (const [station, asked] of waiting) {
      if (stations.leases.has(station)) {
        waiting.delete(station);
        last = now;
      } else if (now - asked > PATIENCE_MS) {
        waiting.set(station, now);
        stations.discover(station);
      }
    }
    for (; waiting.size < AT_ONCE && next < count; next++) {
      waiting.set(next, now);
      stations.discover(next);
    }
    stations.receive();
    if (now - last > SILENCE_MS)
      throw new LabError('not-served', `${stations.leases.size} of ${count} mobile nodes got a lease`);
    await sleep(0);
  }
  return (performance.now() - started) / 1000;
}
