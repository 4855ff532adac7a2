import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../figures.ts';
import { GatewayBed } from '../gateway-bed.ts';
import type { MooringProcess } from '../mooring-process.ts';
import { Comings } from './comings.ts';
import type { CrashReport } from './crash-report.ts';

const LINKS = 2;
/** A kill comes at a moment within this time of load. */
const LOAD_MS = 400;

/** Kills a MAG under load. Needs root. Rejects with `LabError` when it does not start. */
export async function runGatewayCrashes(kills: number, onProgress: (line: string) => void): Promise<CrashReport> {
  const bed = new GatewayBed(LINKS);
  let [lma, mag]: (MooringProcess | undefined)[] = [];
  try {
    lma = await bed.startLma({ durable: true });
    mag = await bed.startMag({ durable: true });
    const comings = new Comings(bed.stations());
    const restarts: number[] = [];
    let lost = 0;
    for (let kill = 1; kill <= kills; kill++) {
      for (const end = performance.now() + Math.random() * LOAD_MS; performance.now() < end; await sleep(0))
        comings.exchange();
      const killedAt = performance.now();
      await mag.end('SIGKILL');
      comings.giveUp();
      mag = await bed.startMag({ durable: true });
      restarts.push(performance.now() - killedAt);
      const missing = comings.missingFrom(await bed.leases());
      lost += missing.length;
      for (const line of missing) onProgress(`lost after kill ${kill}: ${line}`);
      if (kill % 10 === 0) onProgress(`${kill} kills, ${comings.acknowledged} leases acknowledged, ${lost} lost`);
    }
    comings.close();
    return {
      ...{ kills, accepted: comings.acknowledged, lost, cutShort: 0, givenTwice: comings.givenTwice },
      medianRestartMs: Math.round(median(restarts) ?? 0),
    };
  } finally {
    await mag?.end('SIGKILL');
    await lma?.end('SIGKILL');
    bed.close();
  }
}
