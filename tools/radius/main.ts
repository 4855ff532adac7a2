/**
 * `node tools/radius/main.ts`: writes test/wire/free-radius.json anew, the RADIUS packets that radclient (Debian's freeradius-utils) makes by FreeRADIUS's own
 * dictionaries. Request authenticators are random, so that they differ each time.
 */
import { writeFileSync } from 'node:fs';
import { makeVectors, radclientObstacle } from './free-radius-vectors.ts';

const file = new URL('../../test/wire/free-radius.json', import.meta.url);
if (radclientObstacle !== '') {
  process.stderr.write(`${radclientObstacle}\n`);
  process.exitCode = 1;
} else {
  const vectors = await makeVectors();
  writeFileSync(file, `${JSON.stringify(vectors, undefined, 2)}\n`);
  process.stdout.write(`${vectors.length} packets\n`);
}
