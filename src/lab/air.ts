import { readFileSync } from 'node:fs';
import { BpfMap, loadProgram, MapType, ProgramType } from '#host/bpf.ts';
import { readBpfObject } from '#host/elf.ts';
import { inNetworkNamespace } from '#host/netns.ts';
import { bpf, check, close, ifNameToIndex } from '#host/posix.ts';
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
      this.#indexes = inNetworkNamespace(namespacePath, () => {
        const [station, ap1, ap2] = ['mn', 'ap1', 'ap2'].map((name) => {
          const index = ifNameToIndex(name);
          attachTemporary(index, program);
          return index;
        }) as [number, number, number];
        this.#set(STATION, station);
        return { ap1, ap2 };
      });
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
function attachTemporary(index: number, program: number) {
  const a = Buffer.from(new ArrayBuffer(64));
  a.writeUInt32LE(program, 0); a.writeUInt32LE(index, 4); a.writeUInt32LE(46, 8);
  check('tcx', bpf(28, a, 64));
}
