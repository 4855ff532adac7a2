import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { IpAddress } from '#base/ip-address.ts';
import { DEFAULT_CONTROL_PATH } from '#daemon/control-protocol.ts';
import type { Operation } from '#proto/load/index.ts';
import { ControlError } from './control-client.ts';
import { CommandError, EXIT_STATUS_HELP, ExitStatus } from './exit-status.ts';
import { parseGatewayAddresses } from './load/gateway-addresses.ts';
import { parseOperations } from './load/operations.ts';
import { onLostOutput } from './output.ts';
import { version } from './version.ts';

/** Runs one command line (without the program's name) and sets the exit status of the process. */
export async function main(words: readonly string[]): Promise<void> {
  onLostOutput('end');
  try {
    await createProgram().parseAsync([...words], { from: 'user' });
  } catch (error) {
    process.exitCode = explain(error);
  }
}

function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitStatus.OK : ExitStatus.USAGE;
  if (error instanceof CommandError) {
    if (error.message !== '') console.error(`mooring: ${error.message}`);
    return error.status;
  }
  if (error instanceof ControlError) {
    console.error(`mooring: ${error.message}`);
    return error.code === 'no-daemon' ? ExitStatus.NO_DAEMON : ExitStatus.FAILED;
  }
  console.error('mooring: an error of the program itself:', error);
  return ExitStatus.FAILED;
}

/** The command line, as it is parsed, completed and described. */
export function createProgram(): Command {
  const mooring = new Command('mooring')
    .description('A Proxy Mobile IPv6 router: Local Mobility Anchor and Mobile Access Gateway (RFC 5213, RFC 5844)')
    .version(version(), '-V, --version')
    .exitOverride()
    .showHelpAfterError('(add --help for the usage)')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', `${EXIT_STATUS_HELP}\n\nExample:\n  mooring run lma.conf --control /run/mooring/lma.sock`);
  addRun(mooring);
  addCheck(mooring);
  addDoctor(mooring);
  addImport(mooring);
  addIpsecPolicy(mooring);
  addShow(mooring);
  addShell(mooring);
  addClear(mooring);
  addAttach(mooring);
  addDetach(mooring);
  addStore(mooring);
  addLoad(mooring);
  addDecode(mooring);
  addEncode(mooring);
  return mooring;
}

function addRun(mooring: Command): void {
  mooring
    .command('run')
    .description('run the LMA and MAG of a configuration file until SIGINT or SIGTERM')
    .argument('<file>', 'configuration in IOS form')
    .addOption(controlOption())
    .addOption(
      new Option('--log-level <level>', 'least level to log')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info'),
    )
    .addOption(
      new Option('--log-format <format>', 'default: text on a terminal, json elsewhere').choices(['text', 'json']),
    )
    .addOption(
      new Option('--state <directory>', 'where bindings are kept, or "memory" (default: below /var/lib/mooring)').env(
        'MOORING_STATE',
      ),
    )
    .addOption(
      new Option(
        '--data-plane <plane>',
        'where packets are forwarded: in eBPF where the kernel has it, or in user space',
      )
        .choices(['auto', 'ebpf', 'user'])
        .default('auto')
        .env('MOORING_DATA_PLANE'),
    )
    .option('--keep-data-plane', 'leave forwarding in place and bindings registered whatever ends the daemon')
    .addOption(
      new Option(
        '--no-rehearsal',
        'serve a second sooner, and the first mobile nodes slower: no handover is played at the start',
      ).env('MOORING_NO_REHEARSAL'),
    )
    .option('--no-real-time', 'never run before other processes, on a machine that has more important ones')
    .addHelpText(
      'after',
      `
Needs root, or CAP_NET_ADMIN, CAP_NET_RAW, CAP_BPF and CAP_PERFMON. Bindings are kept in /var/lib/mooring, or with a control socket NAME.sock
of its own in /var/lib/mooring/NAME. SIGTERM ends the daemon for a restart: bindings and forwarding stay, and the next start goes on with
them. SIGINT ends it for good, and so does SIGTERM with --state memory: the MAG de-registers its mobile nodes (for at most one second),
forwarding is taken down. Logs go to the standard output.
${EXIT_STATUS_HELP}

Examples:
  mooring run /etc/mooring/lma.conf
  ip netns exec mag1 mooring run mag1.conf --control /run/mooring/mag1.sock --log-level debug`,
    )
    .action(async (file: string, options) => (await import('./run.ts')).run(file, options));
}

function addCheck(mooring: Command): void {
  mooring
    .command('check')
    .description('check a configuration file without running it')
    .argument('<file>', 'configuration in IOS form')
    .option('--strict', 'take a reference to something undefined for an error, not for a warning')
    .addHelpText('after', `${EXIT_STATUS_HELP}\n\nExample:\n  mooring check lma.conf`)
    .action(async (file: string, options) => (await import('./check.ts')).check(file, options));
}

function addDoctor(mooring: Command): void {
  mooring
    .command('doctor')
    .description('examine this machine and a configuration, and say what keeps a node from running well')
    .argument('[file]', 'configuration in IOS form; without it that of the running daemon, or the machine alone')
    .addOption(controlOption())
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      `
It looks at rights, kernel, settings, addresses, interfaces, routes, MTU, clock, ports and the protection of the signalling. Nothing is changed
and nothing is sent. Status 0 means that there are no errors, though there may be warnings; 1 that there are.
${EXIT_STATUS_HELP}

Examples:
  mooring doctor /etc/mooring/lma.cfg
  ip netns exec mag1 mooring doctor mag1.cfg --control /run/mooring/mag1.sock --json`,
    )
    .action(async (file: string | undefined, options) => (await import('./doctor.ts')).doctor(file, options));
}

function addImport(mooring: Command): void {
  mooring
    .command('import')
    .description("turn another maker's configuration into one of ours")
    .argument('<kind>', 'staros: the LMA service, pools and access point names of a StarOS gateway')
    .argument('<file>', 'the configuration of the other system')
    .option('--domain <name>', 'name of the PMIPv6 domain, which that configuration does not have', 'D1')
    .addHelpText(
      'after',
      `
The configuration goes to the standard output; each line that could not be carried over is named on the standard error, with the reason.

Example:
  mooring import staros asr5000.cfg --domain D1 > lma.cfg`,
    )
    .action(async (kind: string, file: string, options) => {
      if (kind !== 'staros')
        throw new CommandError(ExitStatus.USAGE, `cannot import "${kind}"; what can be imported: staros`);
      (await import('./import.ts')).importConfiguration(file, options);
    });
}

function addIpsecPolicy(mooring: Command): void {
  mooring
    .command('ipsec-policy')
    .description('print the configuration of strongSwan that protects the signalling with every peer')
    .argument('[file]', 'configuration in IOS form; without it that of the running daemon')
    .addOption(
      new Option('--auth <kind>', 'how peers prove who they are')
        .choices(['certificate', 'psk'])
        .default('certificate'),
    )
    .addOption(controlOption())
    .addHelpText(
      'after',
      `
In the form of swanctl.conf(5); comments in it say what is to be filled in. It holds ESP in transport mode with integrity for the Mobility
Header (IPv6 protocol 135) and UDP port 5436 over IPv4 (RFC 5213, RFC 5844).
${EXIT_STATUS_HELP}

Examples:
  mooring ipsec-policy lma.cfg > /etc/swanctl/conf.d/mooring.conf
  mooring ipsec-policy --auth psk mag1.cfg`,
    )
    .action(async (file: string | undefined, options) =>
      (await import('./ipsec-policy.ts')).printIpsecPolicy(file, options),
    );
}

function addShow(mooring: Command): void {
  mooring
    .command('show')
    .description("print what a running daemon knows, in the form of IOS's show commands")
    .argument('<words...>', 'as after "show" in IOS; words may be shortened, "?" lists what may follow')
    .addOption(controlOption())
    .option('--json', 'print the data as JSON')
    .addHelpText(
      'after',
      `
Examples:
  mooring show ipv6 mobile pmipv6 lma binding
  mooring show ipv6 mobile pmipv6 mag binding --control /run/mooring/mag1.sock
  mooring show running-config`,
    )
    .action(async (words: string[], options) =>
      (await import('./exec.ts')).runExecCommand(['show', ...words], options),
    );
}

function addShell(mooring: Command): void {
  mooring
    .command('shell')
    .description('the command line of IOS for a running daemon: show, clear, configure')
    .addOption(controlOption())
    .addHelpText(
      'after',
      `
It begins in user mode; "enable" leads to privileged mode, in scripts too, where the next line is the password if one is wanted.
"?" lists what may stand where it is typed, Tab completes a word, and words may be shortened. "configure terminal" changes the running
configuration line by line; "write memory" keeps it in the file that the daemon was started with. Lines may also come from a pipe: the
exit status is then 1 when one of them did not do what it says.

Examples:
  mooring shell
  mooring shell --control /run/mooring/mag1.sock < changes.txt`,
    )
    .action(async (options) => (await import('./shell.ts')).shell(options));
}

function addClear(mooring: Command): void {
  mooring
    .command('clear')
    .description(
      "end bindings of a running daemon, or have its counters begin anew, in the form of IOS's clear commands",
    )
    .argument('<words...>', 'as after "clear" in IOS; words may be shortened, "?" lists what may follow')
    .addOption(controlOption())
    .addHelpText(
      'after',
      `
Examples:
  mooring clear ipv6 mobile pmipv6 lma binding mag M1
  mooring clear ipv6 mobile pmipv6 mag binding mac 0024.d78e.21a4
  mooring clear ipv6 mobile pmipv6 mag stats
  mooring clear bindings`,
    )
    .action(async (words: string[], options) =>
      (await import('./exec.ts')).runExecCommand(['clear', ...words], options),
    );
}

function addAttach(mooring: Command): void {
  mooring
    .command('attach')
    .description('tell a running MAG that a mobile node has come, for controllers and scripts')
    .argument('<interface>', 'access interface, by its name in the configuration or by that of the Linux interface')
    .argument('<mac>', 'link-layer address of the mobile node')
    .addOption(controlOption())
    .option('--wait <seconds>', 'until it is registered, at most so long', positiveNumber)
    .option('--json', 'print the data as JSON')
    .addHelpText(
      'after',
      `
The exit status is 1 when the mobile node cannot be attached, and with --wait when it is not registered in time.

Examples:
  mooring attach GigabitEthernet0/1/0.3074 0024.d78e.21a4
  mooring attach acc 00:24:d7:8e:21:a4 --wait 5 --control /run/mooring/mag1.sock`,
    )
    .action(async (name: string, mac: string, options) => (await import('./attach.ts')).attach(name, mac, options));
}

function addDetach(mooring: Command): void {
  mooring
    .command('detach')
    .description('tell a running MAG that a mobile node is to be served no longer, for controllers and scripts')
    .argument('<node>', 'its link-layer address or its Network Access Identifier')
    .addOption(controlOption())
    .option('--interface <name>', 'only where it is attached to this access interface')
    .option('--json', 'print the data as JSON')
    .addHelpText(
      'after',
      `
Its binding is de-registered. A mobile node that is still there is told that its addresses are withdrawn, and comes back with the next
frame that it sends.

Examples:
  mooring detach 0024.d78e.21a4
  mooring detach mn0@example.com --interface GigabitEthernet0/1/0.3074`,
    )
    .action(async (node: string, options) => (await import('./attach.ts')).detach(node, options));
}

function addStore(mooring: Command): void {
  const store = mooring.command('store').description('look at the directory where a node keeps its bindings, copy it');
  store
    .command('check')
    .description('read all of it, and say what it holds or what is wrong with it; nothing is changed')
    .argument('<directory>', 'as in "mooring run --state"')
    .action(async (directory: string) => (await import('./store.ts')).checkStore(directory));
  store
    .command('export')
    .description('print its bindings and sessions, one JSON object a line')
    .argument('<directory>', 'as in "mooring run --state"')
    .action(async (directory: string) => (await import('./store.ts')).exportStore(directory));
  store
    .command('import')
    .description('make a store of what "mooring store export" printed')
    .argument('<file>', 'what was printed; "-" for standard input')
    .argument('<directory>', 'for "mooring run --state"; without a store')
    .action(async (file: string, directory: string) =>
      (await import('./store-import.ts')).importStore(file, directory),
    );
}

function addLoad(mooring: Command): void {
  mooring
    .command('load')
    .description('play MAGs with many mobile nodes against an LMA, and say how fast and how well it answers')
    .argument('<lma>', 'address of the LMA, IPv6 or IPv4 (UDP port 5436)')
    .requiredOption('--mag <addresses...>', 'addresses of this machine, each of a MAG: ADDRESS or FIRST-LAST', gateways)
    .option('--nodes <n>', 'mobile nodes', positiveInteger, 1000)
    .option('--operations <list>', 'of attach, refresh, handover, detach, in order', operations, [
      'attach',
      'refresh',
      'detach',
    ])
    .option(
      '--rate <n>',
      'messages a second, however fast the answers are; default: as fast as they come',
      positiveNumber,
    )
    .option('--in-flight <n>', 'the most requests that wait for their answers', positiveInteger, 64)
    .option(
      '--seconds <n>',
      'how long refreshes and handovers go on; default: once for each mobile node',
      positiveNumber,
    )
    .option(
      '--warm-up <seconds>',
      'of each operation, whose latencies do not count: both ends are slower at first',
      positiveNumber,
    )
    .option('--pause <seconds>', 'between two operations; default: none', positiveNumber)
    .option('--lifetime <seconds>', 'of the bindings', positiveInteger, 3600)
    .option('--realm <name>', 'mobile nodes are mn0@REALM, mn1@REALM, …', 'example.com')
    .addOption(new Option('--service <families>', 'what they want').choices(['dual', 'ipv4', 'ipv6']).default('dual'))
    .option('--no-timestamps', 'messages are numbered only, for an LMA with "no replay-protection timestamp"')
    .option('--spi <hex>', 'index of the security association, with --key; hexadecimal, as in "auth-option"', spi)
    .option('--key <text>', 'of the authentication option (RFC 4285, HMAC-SHA1), as "auth-option … key ascii"')
    .option('--json <file>', 'write the figures as JSON, "-" for the standard output')
    .addHelpText(
      'after',
      `
Each MAG is an address of this machine; nothing else may use it. The LMA must know the MAGs ("mag" in its domain, or "dynamic mag
learning") and serve the mobile nodes ("default profile"). A message without an answer is sent again after 1 s, twice; after ten seconds
without any answer the run ends. Latencies count from when a message was due; with --rate the figures say how late it was sent. SIGINT ends the run, and what was reached is printed.
${EXIT_STATUS_HELP}

Examples:
  mooring load 2001:db8::101 --mag 2001:db8::15 2001:db8::16 --operations attach,refresh,handover,detach
  mooring load 198.18.0.101 --mag 198.18.1.1-198.18.1.50 --nodes 100000 --rate 20000 --seconds 30 --json load.json`,
    )
    .action(async (lma: string, options) => (await import('./load.ts')).load(lma, options));
}

function gateways(text: string, before: IpAddress[] = []): IpAddress[] {
  return [...before, ...explained(() => parseGatewayAddresses(text))];
}

function operations(text: string): Operation[] {
  return explained(() => parseOperations(text));
}

function spi(text: string): number {
  const value = /^[0-9a-f]{1,8}$/i.test(text) ? Number.parseInt(text, 16) : 0;
  if (value < 0x100) throw new InvalidArgumentError('It must be hexadecimal, 100 to FFFFFFFF.');
  return value;
}

function explained<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}

function positiveInteger(text: string): number {
  const value = positiveNumber(text);
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError('It must be a whole number.');
  return value;
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It must be a positive number.');
  return value;
}

function addDecode(mooring: Command): void {
  mooring
    .command('decode')
    .description('print the signalling of a capture file or of hexadecimal octets')
    .argument('[words...]', 'see "mooring decode --help"')
    .allowUnknownOption()
    .helpOption(false)
    .action(async (_words: string[], _options, command: Command) => {
      const { runDecode } = await import('./decode.ts');
      process.exitCode = await runDecode(command.args);
    });
}

function addEncode(mooring: Command): void {
  mooring
    .command('encode')
    .description('turn what "decode --json" printed back into octets or a capture file')
    .argument('<file>', 'JSON of packets, one a line or an array, or of one message; "-" is the standard input')
    .addOption(
      new Option('--format <format>', 'one packet a line in hexadecimal, or a capture file')
        .choices(['hex', 'pcap', 'pcapng'])
        .default('hex'),
    )
    .option('-o, --output <file>', 'write to this file and not to the standard output')
    .addHelpText(
      'after',
      `
Lengths and checksums are computed. A packet that decoding cannot find again in what was encoded is refused: a member that is missing,
unknown or out of range is named. "octets" of a packet stand for themselves; leave them out to have the packet made from its "layers".

Examples:
  mooring decode --json run.pcap | mooring encode - --format pcapng -o copy.pcapng
  echo '{"kind":"heartbeat","response":false,"unsolicited":false,"sequence":7,"options":[]}' | mooring encode -`,
    )
    .action(async (file: string, options) => {
      const { runEncode } = await import('./encode.ts');
      process.exitCode = runEncode(file, options, {
        out: (text) => void process.stdout.write(text),
        outBytes: (bytes) => void process.stdout.write(bytes),
        error: (text) => void process.stderr.write(text),
      });
    });
}

function controlOption(): Option {
  return new Option('--control <path>', "the daemon's control socket").default(DEFAULT_CONTROL_PATH);
}
