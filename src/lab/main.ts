import { Command, InvalidArgumentError, Option } from 'commander';
import { type DashboardOptions, runDashboard } from './dashboard/run-dashboard.ts';
import { dhcpClientNames } from './dhcp-client.ts';
import { LabError } from './lab-error.ts';
import { type RunOptions, runLab, takeDownLab } from './run-lab.ts';
import { runSimulated } from './simulated.ts';

const program = new Command('npm run lab --')
  .description(
    'Attaches a mobile node to Mooring in network namespaces, roams it under traffic, detaches it, and prints what happened.\n' +
      'With --dashboard it lets mobile nodes move about until Ctrl-C, and serves the dashboards of anchor and gateways.\n' +
      'Needs root. With --simulated it tells the same story on the in-process simulator, without root and without packages.',
  )
  .option('--roams <n>', 'how many roams; 20 are ten times there and back', wholeNumber, 20)
  .option('--interval <ms>', 'from one roam to the next (with --dashboard on average, default 1500)', wholeNumber, 500)
  .option('--ipv4-only', 'use the example configurations with IPv4 service only')
  .addOption(
    new Option('--dhcp-client <name>', 'of the mobile node').choices(dhcpClientNames).default(dhcpClientNames[0]),
  )
  .option('--delay <ms>', 'one-way delay between gateways and core (user-space link)', number, 0)
  .option('--jitter <ms>', 'added to the delay, from 0 to this', number, 0)
  .option('--loss <percent>', 'packets lost between gateways and core, each way', number, 0)
  .option('--reorder <percent>', 'packets overtaken between gateways and core, each way', number, 0)
  .option('--seed <n>', 'of the losses and reorderings', wholeNumber, 1)
  .addOption(
    new Option('--dashboard', 'serve the dashboards, with mobile nodes that move until Ctrl-C').conflicts([
      ...[
        'roams',
        'ipv4Only',
        'delay',
        'jitter',
        'loss',
        'reorder',
        'seed',
        'keep',
        'down',
        'pcap',
        'json',
        'simulated',
      ],
    ]),
  )
  .option('--port <n>', 'of the first dashboard; the others are at the next two', wholeNumber, 8080)
  .option('--keep', 'leave the lab running and say how to enter it')
  .option('--down', 'remove a lab that --keep left')
  .option('--pcap <dir>', 'keep a capture of every link')
  .option('--json <file>', 'write every figure of the table')
  .option('--prefix <name>', 'of the namespaces: two labs with different prefixes do not meet', prefixName, 'mooring')
  .option('--simulated', 'on the simulator')
  .allowExcessArguments(false);

try {
  const options = program
    .parse()
    .opts<RunOptions & DashboardOptions & { dashboard?: boolean; simulated?: boolean; down?: boolean }>();
  const { dashboard = false } = options;
  if (dashboard) await runDashboard({ ...options, interval: roamInterval(options.interval) });
  else if (options.simulated === true) runSimulated(options);
  else if (options.down === true) takeDownLab(options.prefix);
  else await runLab(options);
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  process.stderr.write(`lab: ${error.message}\n`);
  if (error.code === 'not-root') process.stderr.write('lab: the same story without root: npm run lab -- --simulated\n');
  process.exitCode = error.code === 'interrupted' ? 130 : 1;
}

/** With dashboards, people look on. */
function roamInterval(interval: number): number {
  return program.getOptionValueSource('interval') === 'default' ? 1500 : interval;
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('It must be a number that is not negative.');
  return value;
}

function wholeNumber(text: string): number {
  const value = number(text);
  if (!Number.isInteger(value)) throw new InvalidArgumentError('It must be a whole number.');
  return value;
}

/** Short, so that the paths of the control sockets stay legal. */
function prefixName(text: string): string {
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(text))
    throw new InvalidArgumentError('It must be lower-case letters, digits and dashes, at most 32.');
  return text;
}
