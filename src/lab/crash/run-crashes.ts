import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { controlList } from '#cli/control-list.ts';
import { inNetworkNamespace } from '#host/netns.ts';
import { median } from '../figures.ts';
import { LabError } from '../lab-error.ts';
import { MooringProcess } from '../mooring-process.ts';
import type { CrashReport } from './crash-report.ts';
import { type BindingRow, Gateways } from './gateways.ts';

const ANCHOR = Ipv6Address.parse('2001:db8:cafe:1024::101') as Ipv6Address;
const GATEWAYS = ['2001:db8:cafe:1025::15', '2001:db8:cafe:1026::15'].map(
  (text) => Ipv6Address.parse(text) as Ipv6Address,
);

const configurationText = `
ip local pool V4 10.0.0.1 10.0.255.253
ipv6 local pool V6 2001:db8:f00d::/48 64
ipv6 mobile pmipv6-domain D
${GATEWAYS.map((address, i) => `  mag M${i + 1}\n    ipv6-address ${address}`).join('\n')}
  nai anyone
    service dual
    network N
ipv6 mobile pmipv6-lma L domain D
  address ipv6 ${ANCHOR}
  default profile anyone
  network N
    pool ipv4 V4 pfxlen 16
    pool ipv6 V6 pfxlen 48
`;

/** A kill comes at a moment within this time of load. */
const LOAD_MS = 400;

/** Needs root. Rejects with `LabError` when the LMA does not start. */
export async function runCrashes(kills: number, onProgress: (line: string) => void): Promise<CrashReport> {
  if (process.getuid?.() !== 0) throw new LabError('not-root', 'this makes network namespaces: run it as root');
  const namespace = `mtcrash${process.pid}`;
  const directory = mkdtempSync(join(tmpdir(), 'mooring-crash-'));
  const file = join(directory, 'lma.cfg');
  writeFileSync(file, configurationText);
  ip('netns', 'add', namespace);
  let lma: MooringProcess | undefined;
  try {
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
    for (const address of [ANCHOR, ...GATEWAYS])
      ip('-n', namespace, 'address', 'add', `${address}/128`, 'dev', 'lo', 'nodad');
    const gateways = inNetworkNamespace(`/run/netns/${namespace}`, () => new Gateways(ANCHOR, GATEWAYS));
    const control = join(directory, 'lma.sock');
    const place = { namespace, file, control, state: join(directory, 'state'), logLevel: 'error' } as const;
    const restarts: number[] = [];
    let lost = 0;
    let cutShort = 0;
    lma = await MooringProcess.start(place);
    for (let kill = 1; kill <= kills; kill++) {
      const end = Date.now() + Math.random() * LOAD_MS;
      while (Date.now() < end) {
        gateways.exchange();
        await sleep(0);
      }
      gateways.exchange();
      const killedAt = Date.now();
      await lma.end('SIGKILL');
      gateways.receive();
      gateways.giveUp();
      lma = await MooringProcess.start(place);
      restarts.push(Date.now() - killedAt);
      const rows = await controlList<BindingRow>(control, { query: 'lma-binding' });
      const short = gateways.cutShort(rows);
      const missing = gateways.missingFrom(rows);
      lost += missing.length;
      cutShort += short.length;
      for (const line of missing) onProgress(`lost after kill ${kill}: ${line}`);
      for (const line of short) onProgress(`cut short after kill ${kill}: ${line}`);
      if (kill % 10 === 0) onProgress(`${kill} kills, ${gateways.figures.accepted} accepted, ${lost} lost`);
    }
    gateways.close();
    const medianRestartMs = Math.round(median(restarts) ?? 0);
    return {
      kills,
      accepted: gateways.figures.accepted,
      lost,
      cutShort,
      givenTwice: gateways.figures.givenTwice,
      medianRestartMs,
    };
  } finally {
    await lma?.end('SIGKILL');
    ip('netns', 'delete', namespace);
    rmSync(directory, { recursive: true, force: true });
  }
}

function ip(...words: string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
}
