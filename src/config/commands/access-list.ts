import type { AccessListConfiguration, AccessListRule } from '../access-list.ts';
import { endpoint, ports, protocol } from '../access-list-arguments.ts';
import { choice, integer, keyword } from '../arguments.ts';
import { optional } from '../command.ts';
import { Rows } from '../rows.ts';

const SEQUENCE_STEP = 10;
const SEQUENCE_LARGEST = 2_147_483_647;
const TCP = 6;
const UDP = 17;

type RuleValues = [
  number | undefined,
  AccessListRule['action'],
  AccessListRule['protocol'],
  AccessListRule['source'],
  AccessListRule['sourcePorts'],
  AccessListRule['destination'],
  AccessListRule['destinationPorts'],
  true | undefined,
  (true | undefined)?,
];

export const accessListCommands = [
  new Rows<AccessListConfiguration>().command({
    syntax: [
      optional(integer(1, SEQUENCE_LARGEST, 'Sequence number')),
      choice(['permit', 'deny'], 'What happens to packets that fit'),
      protocol('Protocol'),
      endpoint('Source address'),
      optional(ports('Source ports')),
      endpoint('Destination address'),
      optional(ports('Destination ports')),
      optional(keyword('established', 'Only packets of a TCP connection that exists')),
      optional(keyword('log', 'Log packets that fit')),
    ],
    help: 'Permit or deny packets',
    keys: (values) => values.length === 1 && typeof values[0] === 'number',
    refuse: ({ rules }, sequence, ...rule) => {
      if (rules.some((held) => held.sequence === sequence))
        return { argument: 0, message: 'is the number of another rule' };
      if (sequence === undefined && nextSequence(rules) > SEQUENCE_LARGEST) return { message: 'no number is left' };
      return unfit(...rule);
    },
    set: ({ rules }, sequence, ...rule) => {
      rules.push(ruleOf(sequence ?? nextSequence(rules), ...rule));
      rules.sort((a, b) => a.sequence - b.sequence);
    },
    unset: (list, sequence, ...rule) => {
      const wanted = JSON.stringify(trimmed(rule));
      list.rules = list.rules.filter((held) =>
        sequence === undefined ? JSON.stringify(trimmed(valuesOf(held))) !== wanted : held.sequence !== sequence,
      );
    },
    stored: ({ rules }) =>
      rules.map((rule, index) => {
        const numbered = rule.sequence !== nextSequence(rules.slice(0, index));
        return [numbered ? rule.sequence : undefined, ...valuesOf(rule)] as RuleValues;
      }),
  }),
];

type RuleValuesAfterSequence = RuleValues extends [unknown, ...infer Rest] ? Rest : never;

function ruleOf(sequence: number, ...values: RuleValuesAfterSequence): AccessListRule {
  const [action, protocol, source, sourcePorts, destination, destinationPorts, established, log] = values;
  return {
    sequence,
    action,
    protocol,
    source,
    ...(sourcePorts && { sourcePorts }),
    destination,
    ...(destinationPorts && { destinationPorts }),
    established: established ?? false,
    log: log ?? false,
  };
}

function valuesOf(rule: AccessListRule): RuleValuesAfterSequence {
  const { action, protocol, source, sourcePorts, destination, destinationPorts, established, log } = rule;
  return [
    action,
    protocol,
    source,
    sourcePorts,
    destination,
    destinationPorts,
    established || undefined,
    log || undefined,
  ];
}

/** Without the undefined values at the end, which a line that was read does not have. */
function trimmed(values: readonly unknown[]): unknown[] {
  return values.slice(0, values.findLastIndex((value) => value !== undefined) + 1);
}

function nextSequence(rules: readonly AccessListRule[]): number {
  return (rules.at(-1)?.sequence ?? 0) + SEQUENCE_STEP;
}

function unfit(...values: RuleValuesAfterSequence) {
  const [, protocol, , sourcePorts, , destinationPorts, established] = values;
  if ((sourcePorts || destinationPorts) && protocol !== TCP && protocol !== UDP) {
    return { argument: 2, message: 'has no ports; tcp and udp have' };
  }
  return established && protocol !== TCP ? { argument: 2, message: 'has no connections; tcp has' } : undefined;
}
