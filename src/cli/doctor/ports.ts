import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Check, error, type Finding, ok, type Patient, warning } from './finding.ts';
import { servicePorts } from './service-ports.ts';
import { openSockets, socketsOf } from './sockets.ts';

const SIGNALLING = 5436;
const DATA = 5437;
const MOBILITY_HEADER = 135;

/** What else listens where the node would: ports, the Mobility Header, the control socket. */
export const ports: Check = {
  name: 'ports',
  examine(patient) {
    const { daemon, controlPath } = patient;
    const found = daemon
      ? besideDaemon(patient, daemon.pid)
      : [...foreignSockets(), ...servicePorts(patient, new Set()), ...controlSocket(controlPath)];
    if (found.length > 0) return found;
    if (daemon) return [ok(`the daemon with the process id ${daemon.pid} has its ports and ${controlPath}`)];
    const others = patient.node ? ', nor any other port that the configuration wants' : '';
    return [ok(`nobody else has UDP ports ${SIGNALLING} and ${DATA} or the Mobility Header${others}`)];
  },
};

/** It runs without signalling in no case, but without one of the others. */
function besideDaemon(patient: Patient, pid: number): Finding[] {
  const own = socketsOf(pid);
  return own.size === 0 ? [] : servicePorts(patient, own);
}

function foreignSockets(): Finding[] {
  const found: Finding[] = [];
  const udp = openSockets('udp').map(({ port }) => port);
  const look = 'see who it is with "ss -lunp", and end it, or move one of the two to a network namespace of its own';
  if (udp.includes(SIGNALLING))
    found.push(error(`something else has UDP port ${SIGNALLING}, that of the signalling`, look));
  if (udp.includes(DATA)) found.push(warning(`something else has UDP port ${DATA}, that of tunnels over UDP`, look));
  if (openSockets('raw').some(({ port }) => port === MOBILITY_HEADER)) {
    found.push(
      warning(
        'something else reads the Mobility Header (IPv6 protocol 135): both answer every message',
        'see who it is with "ss -lwnp", and end it: mip6d, another PMIPv6 node',
      ),
    );
  }
  return found;
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
