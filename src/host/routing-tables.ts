import { readdirSync, readFileSync } from 'node:fs';

/** Where iproute2 has the names of routing tables; the first that has one counts. */
const FILES = ['/etc/iproute2/rt_tables', '/usr/share/iproute2/rt_tables', '/usr/lib/iproute2/rt_tables'];

/** The number of the routing table that iproute2 calls so; `undefined` when it knows none. */
export function routingTableNamed(name: string): number | undefined {
  for (const file of FILES) {
    for (const text of [read(file), ...filesIn(`${file}.d`).map(read)]) {
      const line = text.split('\n').find((one) => one.trim().split(/\s+/)[1] === name && !one.trim().startsWith('#'));
      const table = Number(line?.trim().split(/\s+/)[0]);
      if (table > 0 && table < 2 ** 32) return table;
    }
  }
  return undefined;
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.conf'))
      .toSorted()
      .map((name) => `${folder}/${name}`);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
