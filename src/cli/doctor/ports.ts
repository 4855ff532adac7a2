import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Check, error, type Finding, ok, warning } from './finding.ts';

const SIGNALLING = 5436;
const DATA = 5437;
const MOBILITY_HEADER = 135;

/** What else listens where the node would: ports, the Mobility Header, the control socket. */
export const ports: Check = {
  name: 'ports',
  examine({ daemon, controlPath }) {
    if (daemon) return [ok(`the daemon with the process id ${daemon.pid} has its ports and ${controlPath}`)];
    const found = [...foreignSockets(), ...controlSocket(controlPath)];
    return found.length > 0
      ? found
      : [ok(`nobody else has UDP ports ${SIGNALLING} and ${DATA} or the Mobility Header`)];
  },
};

function foreignSockets(): Finding[] {
  const found: Finding[] = [];
  const udp = [...portsIn('udp'), ...portsIn('udp6')];
  const look = 'see who it is with "ss -lunp", and end it, or move one of the two to a network namespace of its own';
  if (udp.includes(SIGNALLING))
    found.push(error(`something else has UDP port ${SIGNALLING}, that of the signalling`, look));
  if (udp.includes(DATA)) found.push(warning(`something else has UDP port ${DATA}, that of tunnels over UDP`, look));
  if (portsIn('raw6').includes(MOBILITY_HEADER)) {
    found.push(
      warning(
        'something else reads the Mobility Header (IPv6 protocol 135): both answer every message',
        'see who it is with "ss -lwnp", and end it: mip6d, another PMIPv6 node',
      ),
    );
  }
  return found;
}

/** Local ports of a table in /proc/net; of raw sockets their protocols. */
function portsIn(table: string): number[] {
  let text = '';
  try {
    text = readFileSync(`/proc/thread-self/net/${table}`, 'utf8');
  } catch {
    return []; // a kernel without that family
  }
  return [...text.matchAll(/^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) /gm)].map((match) =>
    Number.parseInt(match[1] as string, 16),
  );
}

function controlSocket(path: string): Finding[] {
  const place = nearestDirectory(path);
  try {
    accessSync(place, constants.W_OK);
    return [];
  } catch {
    return [
      error(
        `the control socket ${path} cannot be made: ${place} is not writable`,
        'run the daemon as root, or choose another place with "--control"',
      ),
    ];
  }
}

/** The daemon makes what lacks. */
function nearestDirectory(path: string): string {
  let place = dirname(path);
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  return place;
}
