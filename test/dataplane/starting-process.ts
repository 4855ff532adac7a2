/** Starts a data plane, `ebpf` or `user`, in the namespace of this process, and kills itself when it has set a kernel setting whose name begins so. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { BpfDataPlane } from '#host/bpf-data-plane.ts';
import { UserDataPlane } from '#host/user/user-data-plane.ts';
import { node } from './bed.ts';

const [kind, last] = process.argv.slice(2) as ['ebpf' | 'user', string];
const { writeFileSync } = fs;
fs.writeFileSync = (file, ...rest) => {
  writeFileSync(file, ...rest);
  if (`${file}`.startsWith(`/proc/sys/net/${last}`)) process.kill(process.pid, 'SIGKILL');
};
syncBuiltinESMExports();
const plane = kind === 'user' ? new UserDataPlane() : new BpfDataPlane();
plane.start(node);
process.stdout.write('started\n');
