/** A client of the HTTP API, in the namespace of the daemon and with a processor time of its own. */
import { get, type IncomingMessage } from 'node:http';
import type { HttpWish } from './http.ts';

let followed: IncomingMessage | undefined;
let events = 0;

process.on('message', async ({ wish, url }: HttpWish) => {
  if (wish === 'time') process.send?.(await time(url));
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

function response(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => get(url, { agent: false }, resolve).on('error', reject));
}
