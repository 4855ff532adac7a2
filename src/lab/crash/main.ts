/** `npm run crash -- --kills N`: kills an LMA at random moments under load; nothing that it accepted may be lost, no address given twice. */
import { Command } from 'commander';
import { LabError } from '../lab-error.ts';
import { runCrashes } from './run-crashes.ts';

const options = new Command('npm run crash --')
  .description(
    'kills an LMA with kill -9 at random moments under load, and looks whether it lost anything that it had accepted',
  )
  .option('--kills <n>', 'how often', Number, 20)
  .parse()
  .opts<{ kills: number }>();

try {
  const report = await runCrashes(options.kills, (line) => process.stdout.write(`${line}\n`));
  process.stdout.write(
    `${report.kills} kills, ${report.accepted} registrations accepted, ${report.lost} lost, ${report.givenTwice} addresses given twice; ` +
      `from the kill to serving: median ${report.medianRestartMs} ms\n`,
  );
  process.exitCode = report.lost + report.givenTwice === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  process.stderr.write(`crash: ${error.message}\n`);
  process.exitCode = 1;
}
