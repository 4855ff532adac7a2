import { hostname } from 'node:os';
import { assemble } from '#daemon/assemble.ts';
import { availabilityOn, locateIn } from '#daemon/host-availability.ts';
import { hostFacts } from '#daemon/host-facts.ts';
import { sourceConfiguration } from './configuration-source.ts';
import { ControlError, controlRequest } from './control-client.ts';
import type { Patient } from './doctor/finding.ts';
import { examine, renderReport } from './doctor/report.ts';
import { ExitStatus } from './exit-status.ts';

/**
 * `mooring doctor [FILE]`: what keeps a node from running well here, with what to do. Without a file the configuration of the running daemon is
 * taken, and without a daemon the machine alone. Throws `CommandError` when the configuration has errors.
 */
export async function doctor(
  file: string | undefined,
  { control, json }: { readonly control: string; readonly json?: boolean },
): Promise<void> {
  const daemon = await daemonAt(control);
  const patient: Patient = {
    controlPath: control,
    daemon,
    node: file === undefined && !daemon ? undefined : await nodeOf(file, control),
  };
  const report = await examine(patient);
  process.stdout.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : renderReport(report));
  if (report.errors > 0) process.exitCode = ExitStatus.FAILED;
}

async function nodeOf(file: string | undefined, control: string): Promise<Patient['node']> {
  const { configuration, text, name } = await sourceConfiguration(file, control);
  return {
    configuration,
    assembly: assemble(configuration, hostname(), availabilityOn(hostFacts, locateIn(text, name))),
  };
}

async function daemonAt(control: string): Promise<Patient['daemon']> {
  try {
    return (await controlRequest(control, { request: 'ping' })) as { pid: number };
  } catch (failure) {
    if (failure instanceof ControlError) return undefined;
    throw failure;
  }
}
