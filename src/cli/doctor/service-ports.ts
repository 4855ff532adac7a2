import { type IpAddress, sameAddress } from '#base/ip-address.ts';
import { acceptsSsh, DEFAULT_SSH_PORT } from '#config/index.ts';
import { httpEndpoints } from '#daemon/http-endpoints.ts';
import { error, type Finding, type Patient, warning } from './finding.ts';
import { openSockets } from './sockets.ts';

/** A port that the configuration wants. */
interface Wanted {
  readonly what: string;
  readonly kind: 'tcp' | 'udp';
  readonly port: number;
  /** `undefined`: at every address of the machine. */
  readonly address?: IpAddress;
  /** What does not work without it. */
  readonly without: string;
  readonly advice: string;
}

const DHCP_SERVER_PORT = 67;

/** Ports of HTTP, SSH, RADIUS and DHCP that the configuration wants and something else has; `own` are sockets of the daemon. */
export function servicePorts({ node }: Patient, own: ReadonlySet<string>): Finding[] {
  if (!node) return [];
  const held = { tcp: openSockets('tcp'), udp: openSockets('udp') };
  return wantedBy(node).flatMap(({ what, kind, port, address, without, advice }) => {
    const inTheWay = held[kind].find(
      (one) =>
        one.port === port &&
        !own.has(one.inode) &&
        (address === undefined || one.address.isUnspecified || sameAddress(one.address, address)),
    );
    if (!inTheWay) return [];
    const place = address === undefined ? '' : ` of ${address}`;
    const text = `something else has ${kind.toUpperCase()} port ${port}${place}, that of ${what}: ${without}`;
    return [(kind === 'tcp' ? warning : error)(text, advice)];
  });
}

function wantedBy({ configuration, assembly }: NonNullable<Patient['node']>): Wanted[] {
  const { operators } = configuration;
  const see = (kind: 'tcp' | 'udp') =>
    `see who it is with "ss -${kind === 'tcp' ? 'ltnp' : 'lunp'}", and end it, or choose another port`;
  const http = httpEndpoints(operators.http).map(
    ({ address, port, tls }): Wanted => ({
      ...{ what: tls ? 'the HTTP API with TLS' : 'the HTTP API', kind: 'tcp', port, address },
      without: 'neither it nor the dashboard is served there',
      advice: `${see('tcp')} with "ip http ${tls ? 'secure-port' : 'port'}"`,
    }),
  );
  const ssh: Wanted = {
    ...{ what: 'SSH', kind: 'tcp', port: operators.ssh.port ?? DEFAULT_SSH_PORT },
    without: 'operators cannot log in by it',
    advice: `${see('tcp')} with "ip ssh port"; port ${DEFAULT_SSH_PORT} is most often that of the system's own sshd`,
  };
  const { dynamicAuthorization, accountingProxy } = assembly.aaa.settings;
  const radius = [
    dynamicAuthorization && {
      ...{ what: 'dynamic authorization', port: dynamicAuthorization.port },
      without: 'RADIUS servers can neither end nor change sessions',
      advice: `${see('udp')} with "port" under "aaa server radius dynamic-author"`,
    },
    accountingProxy && {
      ...{ what: 'the RADIUS proxy', port: accountingProxy.port },
      without: 'access points cannot tell of their stations by accounting',
      advice: `${see('udp')} with "accounting port" under "aaa server radius proxy"; a RADIUS server on this machine has the same port`,
    },
  ].flatMap((one) => (one ? [{ ...one, kind: 'udp' } as const] : []));
  const relays = assembly.mags
    .flatMap(({ access }) => access.interfaces)
    .flatMap(({ relay }) => relay?.address ?? [])
    .map(
      (address): Wanted => ({
        ...{ what: 'the DHCP relay', kind: 'udp', port: DHCP_SERVER_PORT, address },
        without: 'no mobile node of that link gets its address by DHCP',
        advice: 'see who it is with "ss -lunp"; have that DHCP server listen at other addresses, or on another machine',
      }),
    );
  const unique = new Map(relays.map((relay) => [`${relay.address}`, relay]));
  return [...http, ...(acceptsSsh(configuration) ? [ssh] : []), ...radius, ...unique.values()];
}
