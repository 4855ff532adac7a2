/** Starts the data plane in the namespace of this process, with the bindings of the tests, says so, and waits to be killed. */
import { BpfDataPlane } from '#host/bpf-data-plane.ts';
import { anchored, attached, node } from './bed.ts';

const plane = new BpfDataPlane();
plane.start(node);
const { failed } = plane.apply([anchored, attached].map((forwarding) => ({ kind: 'set', forwarding })));
process.stdout.write(failed.length === 0 ? 'forwarding\n' : `${JSON.stringify(failed)}\n`);
setInterval(() => {}, 1000);
