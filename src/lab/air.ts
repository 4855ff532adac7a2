import { readFileSync } from 'node:fs';
import { BpfMap, loadProgram, MapType, ProgramType } from '#host/bpf.ts';
import { attachProgram } from '#host/clsact.ts';
import { readBpfObject } from '#host/elf.ts';
import { Netlink } from '#host/netlink.ts';
import { inNetworkNamespace } from '#host/netns.ts';
import { close, ifNameToIndex } from '#host/posix.ts';
import type { AccessPoint } from './topology.ts';

const STATION = 0;
const CHOSEN = 1;

/** The radio: which access point the mobile node's one link leads to. */
export class AirSwitch {
  readonly #map = new BpfMap({ name: 'air', type: MapType.ARRAY, keySize: 4, valueSize: 4, maximumEntries: 2 });
  readonly #indexes: Record<AccessPoint, number>;

  /** Attaches the switching program to the links of the namespace `air`. Nobody is chosen yet. Throws `SystemCallError`. */
  constructor(namespacePath: string) {
    const object = readBpfObject(readFileSync(new URL('../../bpf/air.bpf.o', import.meta.url)));
    const program = loadProgram(object, 'classifier/air', ProgramType.SCHED_CLS, { air: this.#map });
    try {
      const [station, ap1, ap2] = inNetworkNamespace(namespacePath, () => attachTo(['mn', 'ap1', 'ap2'], program));
      this.#set(STATION, station as number);
      this.#indexes = { ap1: ap1 as number, ap2: ap2 as number };
    } finally {
      close(program);
    }
  }

  /** Joins the mobile node to this access point and to no other, in one step. */
  choose(accessPoint: AccessPoint): void {
    this.#set(CHOSEN, this.#indexes[accessPoint]);
  }

  close(): void {
    this.#map.close();
  }

  #set(slot: number, value: number): void {
    this.#map.key.writeUInt32LE(slot);
    this.#map.value.writeUInt32LE(value);
    this.#map.update();
  }
}

/** Attaches the program to the ingress of each interface; gives their indexes. */
function attachTo(names: readonly string[], program: number): number[] {
  const netlink = new Netlink();
  try {
    return names.map((name) => {
      const index = ifNameToIndex(name);
      attachProgram(netlink, index, 'ingress', program, 'air');
      return index;
    });
  } finally {
    netlink.close();
  }
}
