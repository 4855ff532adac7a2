/** Starts a data plane, `ebpf` or `user`, in the namespace of this process, with the bindings of the tests, says so, and waits to be killed. */
import { BpfDataPlane } from '#host/bpf-data-plane.ts';
import { UserDataPlane } from '#host/user/user-data-plane.ts';
import { anchored, attached, node } from './bed.ts';

const plane = process.argv[2] === 'user' ? new UserDataPlane() : new BpfDataPlane();
plane.start(node);
const { failed } = plane.apply([anchored, attached].map((forwarding) => ({ kind: 'set', forwarding })));
process.stdout.write(failed.length === 0 ? 'forwarding\n' : `${JSON.stringify(failed)}\n`);
setInterval(() => {}, 1000);
