/** `npm run crash -- --kills N --node lma|mag`: kills it at random moments under load; nothing that it accepted may be lost, no address given twice. */
import { Command, Option } from 'commander';
import { LabError } from '../lab-error.ts';
import { runCrashes } from './run-crashes.ts';
import { runGatewayCrashes } from './run-gateway-crashes.ts';

const options = new Command('npm run crash --')
  .description(
    'kills an LMA or a MAG with kill -9 at random moments under load, and looks whether it lost anything that it had accepted',
  )
  .option('--kills <n>', 'how often', Number, 20)
  .addOption(new Option('--node <node>', 'which').choices(['lma', 'mag']).default('lma'))
  .parse()
  .opts<{ kills: number; node: 'lma' | 'mag' }>();

try {
  const report = await (options.node === 'lma' ? runCrashes : runGatewayCrashes)(options.kills, (line) => {
    process.stdout.write(`${line}\n`);
  });
  process.stdout.write(
    `${report.kills} kills, ${report.accepted} ${options.node === 'lma' ? 'registrations accepted' : 'leases acknowledged'}, ${report.lost} lost, ${report.cutShort} cut short, ${report.givenTwice} addresses given twice; ` +
      `from the kill to serving: median ${report.medianRestartMs} ms\n`,
  );
  process.exitCode = report.lost + report.cutShort + report.givenTwice === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  process.stderr.write(`crash: ${error.message}\n`);
  process.exitCode = 1;
}
