import { inSeconds, seconds } from '#base/time.ts';
import { choice, integer, name, secondsBetween } from '../arguments.ts';
import { type AnyCommand, type Complaint, optional } from '../command.ts';
import { acceptsSsh } from '../login-methods.ts';
import type { Configuration } from '../model.ts';
import {
  DEFAULT_IDLE_MINUTES,
  DEFAULT_SSH_PORT,
  DEFAULT_SSH_RETRIES,
  DEFAULT_SSH_TIMEOUT_SECONDS,
  type LineConfiguration,
  type OperatorsConfiguration,
  type PubkeyChain,
  type PubkeyUser,
  type SshConfiguration,
  type VtyConfiguration,
} from '../operators.ts';
import { password } from '../password.ts';
import { joinKeyLines, partOfPublicKey, publicKey, readKeyLines } from '../public-key.ts';
import { notDefined } from '../references.ts';
import { part, Rows, within } from '../rows.ts';
import { httpCommands } from './http.ts';
import { loggingCommands } from './logging.ts';

const rows = new Rows<OperatorsConfiguration>();
const KEYS_MAXIMUM = 32;

const sshCommands = [
  new Rows<SshConfiguration>().flag({
    syntax: ['ip', 'ssh', 'version', '2'],
    help: 'Speak version 2 of the protocol, the only one there is',
    field: 'version2',
  }),
  new Rows<SshConfiguration>().field({
    syntax: ['ip', 'ssh', 'port', integer(1, 65_535, 'TCP port')],
    help: 'Choose the port of the SSH server',
    default: String(DEFAULT_SSH_PORT),
    field: 'port',
  }),
  new Rows<SshConfiguration>().field({
    syntax: ['ip', 'ssh', 'time-out', secondsBetween(1, 120)],
    help: 'Set how long a login may take',
    default: String(DEFAULT_SSH_TIMEOUT_SECONDS),
    field: 'timeOut',
  }),
  new Rows<SshConfiguration>().field({
    syntax: ['ip', 'ssh', 'authentication-retries', integer(0, 5, 'Wrong passwords')],
    help: 'Set after how many wrong passwords a connection ends',
    default: String(DEFAULT_SSH_RETRIES),
    field: 'retries',
  }),
  part<SshConfiguration, 'pubkeyChain'>({
    syntax: ['ip', 'ssh', 'pubkey-chain'],
    help: 'Say which keys operators may log in with instead of a password',
    field: 'pubkeyChain',
    create: () => ({ users: [] }),
    opens: 'pubkey-chain',
  }),
].map((row) => within(({ ssh }: OperatorsConfiguration) => ssh, row));

/** Printed before the domains and nodes. */
export const operatorCommands: AnyCommand[] = [
  rows.field({
    syntax: ['enable', 'secret', password('Password of privileged mode')],
    help: 'Set the password of privileged mode, which is kept as a hash',
    field: 'enableSecret',
  }),
  rows.entry({
    syntax: [
      'username',
      name('Name of an operator', 64),
      optional('privilege', integer(0, 15, 'Privilege level; 15 begins in privileged mode')),
      'secret',
      password('Password'),
    ],
    help: 'Let an operator log in with a password, which is kept as a hash',
    list: 'users',
    create: (user, privilege, secret) => ({ name: user, ...(privilege !== undefined && { privilege }), secret }),
    values: (user) => [user.name, user.privilege, user.secret],
  }),
  ...sshCommands,
  rows.command({
    syntax: ['line', 'console', integer(0, 0, 'Line')],
    help: 'Configure shells on the machine itself',
    set: (operators) => {
      operators.console ??= {};
    },
    unset: (operators) => {
      delete operators.console;
    },
    stored: ({ console: line }) => (line ? [[0]] : []),
    section: { opens: 'line', enter: ({ console: line }) => line as LineConfiguration },
  }),
  rows.command({
    syntax: ['line', 'vty', integer(0, 15, 'First line'), integer(0, 15, 'Last line')],
    help: 'Configure shells over the network',
    refuse: (_, first, last) => (last < first ? { argument: 1, message: `is less than ${first}` } : undefined),
    set: (operators, first, last) => {
      operators.vty = { loginLocal: false, ...operators.vty, first, last };
    },
    unset: (operators) => {
      delete operators.vty;
    },
    stored: ({ vty }) => (vty ? [[vty.first, vty.last]] : []),
    review: (operators, { configuration }): Complaint | undefined => {
      if (operators.vty?.transport !== 'ssh' || acceptsSsh(configuration)) return undefined;
      return configuration.aaa.newModel
        ? {
            message:
              'nobody can log in: SSH needs a list of "aaa authentication login" with a group, or with local and a "username NAME secret PASSWORD"',
          }
        : { message: 'nobody can log in: SSH needs "login local" here, and a "username NAME secret PASSWORD"' };
    },
    section: { opens: 'vty', enter: ({ vty }) => vty as VtyConfiguration },
  }),
  ...httpCommands,
  ...loggingCommands,
].map((row) => within(({ operators }: Configuration) => operators, row));

export const pubkeyChainCommands = [
  new Rows<PubkeyChain>().entry({
    syntax: ['username', name('Name of an operator', 64)],
    help: 'Name the keys of an operator that "username" has',
    list: 'users',
    create: (user) => ({ name: user, keys: [] }),
    values: (user) => [user.name],
    opens: 'pubkey-user',
    review: (_, { configuration }, user) =>
      configuration.operators.users.some((each) => each.name === user)
        ? undefined
        : notDefined(0, `there is no username ${user}, whose privilege it would be`),
  }),
];

/** Stands for the operator below a `key-string` that has its key in one line. */
const WHOLE: PubkeyUser = { name: '', keys: [] };

export const pubkeyUserCommands = [
  new Rows<PubkeyUser>().command({
    syntax: ['key-string', optional(publicKey('Public key'))],
    keys: 1,
    help: 'Let the operator log in with this key, or with the one on the lines that follow, up to "exit"',
    refuse: (user, key) => (key === undefined ? undefined : tooManyKeys(user)),
    set(user, key) {
      if (key !== undefined) addKey(user, key);
    },
    unset(user, key) {
      if (key === undefined) delete user.unfinishedKey;
      else user.keys = user.keys.filter(({ text }) => text !== key);
    },
    stored({ keys, unfinishedKey }) {
      const whole = keys.map(({ text }): [string?] => [text]);
      return unfinishedKey ? [...whole, []] : whole;
    },
    section: { opens: 'pubkey-data', enter: (user, key) => (key === undefined ? user : WHOLE) },
  }),
];

/** Below `key-string`: once the key is whole it is one of the operator's. */
export const pubkeyDataCommands = [
  new Rows<PubkeyUser>().command({
    syntax: [partOfPublicKey('Some of a key, as in a .pub file')],
    help: 'Go on with the key',
    refuse(user, line) {
      if (user === WHOLE) return { message: 'the key is whole; "exit" leads back to where another one may begin' };
      const { state } = readKeyLines(joinKeyLines(user.unfinishedKey ?? '', line));
      return state === 'wrong' ? { argument: 0, message: 'does not go on with a key of SSH' } : tooManyKeys(user);
    },
    set(user, line) {
      user.unfinishedKey = joinKeyLines(user.unfinishedKey ?? '', line);
      const { key } = readKeyLines(user.unfinishedKey);
      if (key === undefined) return;
      delete user.unfinishedKey;
      addKey(user, key);
    },
    unset: (user) => {
      delete user.unfinishedKey;
    },
    stored: ({ unfinishedKey }) => (unfinishedKey ? [[unfinishedKey]] : []),
    review: ({ unfinishedKey }) =>
      unfinishedKey ? { message: 'the key is not whole, and nobody can log in with it' } : undefined,
  }),
];

function addKey({ keys }: PubkeyUser, key: string): void {
  if (!keys.some(({ text }) => text === key)) keys.push({ text: key });
}

function tooManyKeys({ keys }: PubkeyUser): Complaint | undefined {
  return keys.length >= KEYS_MAXIMUM ? { message: `an operator has at most ${KEYS_MAXIMUM} keys` } : undefined;
}

const idleCommand = new Rows<LineConfiguration>().command({
  syntax: ['exec-timeout', integer(0, 35_791, 'Minutes'), optional(integer(0, 59, 'Seconds'))],
  help: 'End a shell with nobody at it after this time, or never with 0',
  default: String(DEFAULT_IDLE_MINUTES),
  set: (line, minutes, more) => {
    line.idleTimeout = seconds(minutes * 60 + (more ?? 0));
  },
  unset: (line) => {
    delete line.idleTimeout;
  },
  stored: ({ idleTimeout }) => {
    if (idleTimeout === undefined) return [];
    const total = inSeconds(idleTimeout);
    return [[Math.floor(total / 60), total % 60 === 0 ? undefined : total % 60]];
  },
});

export const lineCommands = [idleCommand];

export const vtyCommands = [
  idleCommand,
  new Rows<VtyConfiguration>().flag({
    syntax: ['login', 'local'],
    help: 'Ask for the name and password of a "username"',
    field: 'loginLocal',
  }),
  new Rows<VtyConfiguration>().field({
    syntax: ['login', 'authentication', name('Name of a list of "aaa authentication login", or default')],
    help: 'Choose how names and passwords are judged, with "aaa new-model"',
    default: 'default',
    field: 'loginList',
    review: (_, { configuration: { aaa } }, list) => {
      if (!aaa.newModel) return { message: 'has no effect without "aaa new-model"' };
      if (list === 'default' || aaa.loginMethods.some((each) => each.name === list)) return undefined;
      return notDefined(0, `list ${list} is not defined (aaa authentication login ${list} …)`);
    },
  }),
  new Rows<VtyConfiguration>().field({
    syntax: ['transport', 'input', choice(['none', 'ssh'], 'By which protocol operators come')],
    help: 'Choose by which protocol operators come',
    default: 'none',
    field: 'transport',
  }),
];
