import { expect, test } from 'vitest';
import { renderAaaServers } from '#cli/show/index.ts';
import type { RadsecLinkView } from '#daemon/aaa/radsec-links.ts';
import { createLoginStats } from '#daemon/login-stats.ts';
import { createAccountingProxyStats } from '#proto/radius/accounting-proxy-stats.ts';
import { createRadiusStats } from '#proto/radius/stats.ts';

const numbered = <Counters extends object>(counters: Counters, from: number): Counters =>
  Object.fromEntries(Object.keys(counters).map((name, i) => [name, from + i])) as Counters;
const logins = { stats: createLoginStats(), groups: [] };
const empty = { queued: 0, acknowledged: 0, dropped: 0, retries: 0, fileErrors: 0, waiting: 0 };

test('show aaa servers tells of each server, and has a line for each counter', () => {
  const stats = numbered(createRadiusStats(), 1000);
  const accounting = numbered(empty, 2000);
  const server = {
    address: '203.0.113.115',
    authenticationPort: 1812,
    accountingPort: 1813,
    state: 'dead',
    waiting: 3,
  } as const;
  const shown = renderAaaServers({
    servers: [server],
    waiting: 7,
    stats,
    logins,
    accounting: { ...accounting, sent: 0 },
  });
  expect(shown).toMatch(
    /^RADIUS: id 1, priority 1, host 203\.0\.113\.115, auth-port 1812, acct-port 1813\n {2}State +: DEAD\n/,
  );
  const numbers = [...shown.matchAll(/: ([12]\d{3})$/gm)].map((match) => Number(match[1]));
  expect(numbers.sort()).toEqual([...Object.values(stats), ...Object.values(accounting)].sort());
});

test('show aaa servers tells of the access points that account, and has a line for each counter', () => {
  const stats = numbered(createAccountingProxyStats(), 3000);
  const results = numbered({ told: 0, 'without-station': 0, 'without-interface': 0, other: 0 }, 4000);
  const accountingProxy = { port: 1813, clients: ['10.1.0.0/16'], listening: [], stats, results };
  const none = { servers: [], waiting: 0, stats: createRadiusStats(), logins, accounting: { ...empty, sent: 0 } };
  const shown = renderAaaServers({ ...none, accountingProxy });
  expect(shown).toMatch(/Clients +: 10\.1\.0\.0\/16\n {2}UDP port +: 1813\n {2}Listening at +: nothing\n/);
  const numbers = [...shown.matchAll(/: ([34]\d{3})$/gm)].map((match) => Number(match[1]));
  expect(numbers.sort()).toEqual([...Object.values(stats), ...Object.values(results)].sort());
});

test('show aaa servers tells of the connection to a server over TLS', () => {
  const server = { address: '203.0.113.115', authenticationPort: 2083, accountingPort: 2083, state: 'up', waiting: 0 };
  const rest = { waiting: 0, stats: createRadiusStats(), logins, accounting: { ...empty, sent: 0 } };
  const shown = (tls: RadsecLinkView) => renderAaaServers({ servers: [{ ...server, state: 'up', tls }], ...rest });
  expect(shown({ state: 'up' })).toMatch(/\n {2}TLS connection +: UP\n/);
  expect(shown({ state: 'down', reason: 'connect ECONNREFUSED' })).toMatch(
    /\n {2}TLS connection +: DOWN, connect ECONNREFUSED\n/,
  );
});

test('show aaa servers counts logins, and tells of the servers that are asked about them', () => {
  const stats = numbered(createLoginStats(), 3000);
  const server = { address: '203.0.113.9', authenticationPort: 1812, accountingPort: 1813, waiting: 0 };
  const group = {
    group: 'ADMINS',
    servers: [{ ...server, state: 'up' as const }],
    waiting: 0,
    stats: { ...createRadiusStats(), requests: 4001, accepts: 4002, rejects: 4003 },
  };
  const rest = { servers: [], waiting: 0, stats: createRadiusStats(), accounting: { ...empty, sent: 0 } };
  const shown = renderAaaServers({ ...rest, logins: { stats, groups: [group] } });
  expect(shown).toMatch(/\nLogins by group ADMINS\nRADIUS: id 1, priority 1, host 203\.0\.113\.9,/);
  const numbers = [...shown.matchAll(/: ([34]\d{3})$/gm)].map((match) => Number(match[1]));
  expect(numbers.sort()).toEqual([...Object.values(stats), 4001, 4002, 4003].sort());
});

test('show aaa servers says that there is none', () => {
  const none = { servers: [], waiting: 0, stats: createRadiusStats(), logins, accounting: { ...empty, sent: 0 } };
  expect(renderAaaServers(none)).toMatch(/^No RADIUS server is configured\n/);
});
