import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { PcapWriter } from '#wire/pcap.ts';
import { LinkTap } from './link-tap.ts';
import { namespacePath } from './namespaces.ts';
import type { NodeName } from './topology.ts';

/** Where each link of the lab is captured; the file is named after it. */
const links: readonly (readonly [NodeName, string])[] = [
  ['mn', 'eth0'],
  ['mag1', 'acc'],
  ['mag2', 'acc'],
  ['mag1', 'core'],
  ['mag2', 'core'],
  ['lma', 'core'],
  ['lma', 'inet'],
];
const drainMilliseconds = 100;

/** Captures of every link, into one file each. Of long packets only the first octets are kept, with their true length. */
export class LinkCaptures {
  readonly #captures: { readonly tap: LinkTap; readonly file: number; readonly writer: PcapWriter }[];
  readonly #timer: NodeJS.Timeout;

  constructor(prefix: string, directory: string) {
    mkdirSync(directory, { recursive: true });
    this.#captures = links.map(([node, link]) => {
      const tap = new LinkTap(namespacePath(prefix, node), link, { kind: 'everything' });
      const file = openSync(join(directory, `${node}-${link}.pcap`), 'w');
      const writer = new PcapWriter();
      writeSync(file, writer.header());
      return { tap, file, writer };
    });
    this.#timer = setInterval(() => this.#drain(), drainMilliseconds);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#drain();
    for (const { tap, file } of this.#captures) {
      tap.close();
      closeSync(file);
    }
  }

  #drain(): void {
    for (const { tap, file, writer } of this.#captures) {
      const chunks: Uint8Array[] = [];
      tap.drain((frame) => chunks.push(writer.record(frame)));
      if (chunks.length > 0) writeSync(file, Buffer.concat(chunks));
    }
  }
}
