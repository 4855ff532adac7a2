/** A client of the HTTP API, in the namespace of the daemon and with a processor time of its own. */
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpWish } from './http.ts';

const PATIENCE_MS = 30_000;

let followed: IncomingMessage | undefined;
let events = 0;

process.on('message', async ({ wish, url }: HttpWish) => {
  if (wish === 'time') process.send?.(await time(url));
  else if (wish === 'wait') process.send?.(await answering(url));
  else if (wish === 'follow') {
    events = 0;
    followed = await response(url);
    followed.on('data', (data: Buffer) => {
      events += data.toString().split('\ndata: ').length - 1;
    });
    process.send?.(0);
  } else {
    followed?.destroy();
    process.send?.(events);
  }
});
process.on('disconnect', () => process.exit());

/** Milliseconds until the whole answer is here. */
async function time(url: string): Promise<number> {
  const started = performance.now();
  const answer = await response(url);
  for await (const _ of answer);
  if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} for ${url}`);
  return performance.now() - started;
}

/** Milliseconds until it answers at all. */
async function answering(url: string): Promise<number> {
  const started = performance.now();
  while (performance.now() - started < PATIENCE_MS) {
    const answer = await response(url).catch(() => undefined);
    answer?.resume();
    if (answer?.statusCode === 200) return performance.now() - started;
    await sleep(50);
  }
  throw new Error(`no answer from ${url}`);
}

function response(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => get(url, { agent: false }, resolve).on('error', reject));
}
