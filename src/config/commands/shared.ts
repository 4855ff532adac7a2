import { inSeconds, seconds } from '#base/time.ts';
import { choice, hexadecimal, integer, keyword, millisecondsBetween, name, secondsBetween } from '../arguments.ts';
import { type AnyCommand, optional } from '../command.ts';
import { heartbeatDefaults } from '../defaults.ts';
import type {
  AuthenticationOption,
  Encapsulation,
  HeartbeatConfiguration,
  ReplayProtection,
  RevocationConfiguration,
} from '../model.ts';
import { Rows, within } from '../rows.ts';
import { secret } from '../secret-argument.ts';
import { type7Complaint } from './secrets.ts';

/** `replay-protection timestamp`, of a domain, an LMA or a MAG. */
export function replayProtectionCommand(): AnyCommand {
  return new Rows<{ replayProtection?: ReplayProtection }>().command({
    syntax: ['replay-protection', 'timestamp', optional('window', secondsBetween(1, 255, 'Accepted clock difference'))],
    help: 'Check the timestamps of Proxy Binding Updates',
    default: 'on, 7 seconds',
    set: (target, window) => {
      target.replayProtection = window === undefined ? { timestamp: true } : { timestamp: true, window };
    },
    unset: (target) => {
      target.replayProtection = { timestamp: false };
    },
    stored: ({ replayProtection: held }) => (held?.timestamp ? [held.window === undefined ? [] : [held.window]] : []),
    negated: ({ replayProtection: held }) => held?.timestamp === false,
  });
}

const spi = hexadecimal('Security parameter index, hexadecimal');
const decimalSpi = integer(1, 0xffff_ffff, 'Security parameter index, decimal');
const keyFormat = choice(['ascii', 'hex'], 'How the key is written');
const key = secret('The key', 'word');

/** `auth-option`, of a domain or of a peer. */
export function authenticationCommand(): AnyCommand {
  return new Rows<{ authentication?: AuthenticationOption }>().command({
    syntax: ['auth-option', 'spi', spi, 'key', keyFormat, key],
    also: [['auth-option', 'spi', 'decimal', decimalSpi, 'key', keyFormat, key]],
    help: 'Authenticate the signalling messages',
    set: (target, index, format, secretKey) => {
      target.authentication = { spi: index, key: { format, ...secretKey } };
    },
    unset: (target) => {
      delete target.authentication;
    },
    stored: ({ authentication: held }) => (held ? [[held.spi, held.key.format, held.key]] : []),
    review: (_, { configuration }, _index, _format, secretKey) => type7Complaint(configuration, secretKey, 2),
  });
}

/** `signalling ipsec`, of a domain or of a peer. */
export function signallingCommand(): AnyCommand {
  return new Rows<{ signallingIpsec: boolean }>().flag({
    syntax: ['signalling', 'ipsec'],
    help: 'Say that IPsec protects the signalling messages (mooring ipsec-policy prints its configuration)',
    field: 'signallingIpsec',
  });
}

/** `tunnel ecn compatibility`, of an LMA, a MAG or a peer. */
export function ecnCommand(): AnyCommand {
  return new Rows<{ ecnCompatibility?: true }>().command({
    syntax: ['tunnel', 'ecn', 'compatibility'],
    help: 'Send tunnel packets without ECN, to peers that do not propagate congestion',
    default: 'ECN is copied',
    set: (target) => {
      target.ecnCompatibility = true;
    },
    unset: (target) => {
      delete target.ecnCompatibility;
    },
    stored: ({ ecnCompatibility }) => (ecnCompatibility ? [[]] : []),
  });
}

const encapsulation = choice(
  ['ipv6-in-ipv6', 'gre-ipv4', 'gre-ipv6', 'udptunnel'],
  'How tunnelled packets are carried',
);

/** In IOS's own example of overriding a domain from AAA, `encap` is left out. */
const bareGre = choice(['gre-ipv4'], 'How tunnelled packets are carried');

/** `encap`, of a domain, an LMA, a MAG or a peer. */
export function encapsulationCommand(): AnyCommand {
  return new Rows<{ encapsulation?: Encapsulation }>().field({
    syntax: ['encap', encapsulation],
    also: [['encaps', encapsulation], [bareGre]],
    help: 'Choose the encapsulation of the tunnel between LMA and MAG',
    default: 'ipv6-in-ipv6',
    field: 'encapsulation',
  });
}

/** `bri`, of an LMA or a MAG. */
export function revocationCommands(defaults: Required<RevocationConfiguration>): AnyCommand[] {
  const rows = new Rows<RevocationConfiguration>();
  const delay = millisecondsBetween(500, 65_535);
  const retries = integer(1, 10, 'Retransmissions');
  const commands = [
    rows.field({
      syntax: ['bri', 'delay', 'min', delay],
      help: 'First wait for the answer to a Binding Revocation Indication',
      default: String(defaults.minimumDelay),
      field: 'minimumDelay',
      review: (target, _, value) => {
        const maximum = target.maximumDelay ?? defaults.maximumDelay;
        return value > maximum ? { argument: 0, message: `is above bri delay max, ${maximum}` } : undefined;
      },
    }),
    rows.field({
      syntax: ['bri', 'delay', 'max', delay],
      help: 'Longest wait for the answer to a Binding Revocation Indication',
      default: String(defaults.maximumDelay),
      field: 'maximumDelay',
    }),
    rows.field({
      syntax: ['bri', 'retries', retries],
      also: [['bri', 'retry', retries]],
      help: 'How often a Binding Revocation Indication is sent again',
      default: String(defaults.retries),
      field: 'retries',
    }),
  ];
  return commands.map((row) => within((target: { bri: RevocationConfiguration }) => target.bri, row));
}

/** `local-routing-mag`, of a domain or a MAG. */
export function localRoutingCommand(): AnyCommand {
  return new Rows<{ localRouting: boolean }>().flag({
    syntax: ['local-routing-mag'],
    help: 'Route between mobile nodes of the same MAG without the LMA',
    field: 'localRouting',
  });
}

/** RFC 5847 §5 "Configuration Variables": "It SHOULD NOT be set to less than 30 seconds or more than 3600 seconds." */
const SHORTEST_INTERVAL = seconds(30);

/** `heartbeat`, of an LMA, a customer or a MAG. */
export function heartbeatCommand(): AnyCommand {
  return new Rows<{ heartbeat?: HeartbeatConfiguration }>().command({
    syntax: [
      'heartbeat',
      optional(
        'interval',
        secondsBetween(10, 3600, 'Seconds between heartbeats'),
        'retries',
        integer(1, 10, 'Heartbeats without an answer'),
        optional('label', name('Label of the links that are watched')),
        optional(keyword('natreboot', 'Take a changed address behind a NAT for a restart')),
      ),
    ],
    help: 'Watch the path to each peer',
    default: `off; interval ${inSeconds(heartbeatDefaults.interval)} retries ${heartbeatDefaults.retries}`,
    set: (target, interval, retries, label, natReboot) => {
      target.heartbeat = {
        interval: interval ?? heartbeatDefaults.interval,
        retries: retries ?? heartbeatDefaults.retries,
        ...(label !== undefined && { label }),
        natReboot: natReboot ?? false,
      };
    },
    unset: (target) => {
      delete target.heartbeat;
    },
    stored: ({ heartbeat: held }) =>
      held ? [[held.interval, held.retries, held.label, held.natReboot || undefined]] : [],
    review: (_, _context, interval, _retries, label, natReboot) => {
      if (interval !== undefined && interval < SHORTEST_INTERVAL)
        return { argument: 0, message: 'is below 30 seconds, the least that RFC 5847 §5 allows' };
      if (label !== undefined)
        return { argument: 2, message: 'is stored, but has no effect yet: every peer is watched' };
      return natReboot ? { argument: 3, message: 'is stored, but has no effect yet' } : undefined;
    },
  });
}
