import { describe, expect, it } from 'vitest';
import { interfaceOf, readAccountingReport, type StationReport } from '#proto/aaa/accounting-report.ts';
import { DICTIONARY } from '#proto/aaa/attributes.ts';
import type { RadiusValue } from '#wire/radius/dictionary.ts';

const attributes = (values: Readonly<Record<string, RadiusValue>>) =>
  Object.entries(values).map(([name, value]) => DICTIONARY.attribute(name, value));
const BASE = { 'Acct-Status-Type': 1, 'Acct-Session-Id': 's1', 'Calling-Station-Id': '00-24-D7-8E-21-A4' };

function report(more: Readonly<Record<string, RadiusValue>> = {}): StationReport {
  const read = readAccountingReport(attributes({ ...BASE, ...more }));
  if (!read.ok || read.value.status === 'restarted') throw new Error('not of a station');
  return read.value;
}

describe('what accounting says of a station', () => {
  it.each([
    [1, 'start'],
    [2, 'stop'],
    [3, 'interim'],
    [7, 'restarted'],
    [8, 'restarted'],
  ])('[RFC 2866 §5.1] Acct-Status-Type %i is %s', (status, word) => {
    expect(readAccountingReport(attributes({ ...BASE, 'Acct-Status-Type': status }))).toMatchObject({
      ok: true,
      value: { status: word, nas: '' },
    });
  });

  it.each(['0024.d78e.21a4', '0024d78e21a4', '00:24:d7:8e:21:a4'])('reads the hardware address %s', (text) => {
    expect(report({ 'Calling-Station-Id': text }).mac.toCiscoString()).toBe('0024.d78e.21a4');
  });

  it('says what is not there: a station, or anything of one', () => {
    const of = (values: Readonly<Record<string, RadiusValue>>) => readAccountingReport(attributes(values));
    expect(of({ ...BASE, 'Calling-Station-Id': '+49 30 123456' })).toEqual({ ok: false, error: 'without-station' });
    expect(of({ ...BASE, 'Calling-Station-Id': '01-00-5e-00-00-01' })).toEqual({ ok: false, error: 'without-station' });
    expect(of({ ...BASE, 'Acct-Status-Type': 9 })).toEqual({ ok: false, error: 'other' });
    expect(of({ 'Acct-Session-Id': 's1' })).toEqual({ ok: false, error: 'other' });
    const broken = [...attributes(BASE).slice(1), { vendor: 0, type: 40, value: new Uint8Array(3) }];
    expect(readAccountingReport(broken)).toEqual({ ok: false, error: 'other' });
  });

  it.each([
    ['mn0@example.com', 'mn0@example.com'],
    ['anonymous@example.com', undefined],
    ['Anonymous@example.com', undefined],
    ['@example.com', undefined],
    ['mn0', undefined],
    ['mn 0@example.com', undefined],
  ])('[RFC 7542 §2.4] of the User-Name %s takes %s', (name, nai) => {
    expect(report({ 'User-Name': name }).nai).toBe(nai);
  });
});

describe('the access interface of a station', () => {
  const interfaces = [
    { name: 'GigabitEthernet0/0', linkName: 'eth0' },
    { name: 'GigabitEthernet0/1', linkName: 'eth1' },
  ];
  const called = { 'Called-Station-Id': '02-00-00-00-00-AA:corp:guest' };

  it('is the one of the first rule that holds', () => {
    const rules = [
      { interface: 'GigabitEthernet0/0', calledStation: 'corp' },
      { interface: 'GigabitEthernet0/1', calledStation: 'corp:guest', port: 2 },
      { interface: 'GigabitEthernet0/0' },
    ];
    expect(interfaceOf(report({ ...called, 'NAS-Port': 2 }), rules, interfaces)).toBe('GigabitEthernet0/1');
    expect(interfaceOf(report({ ...called, 'NAS-Port': 1 }), rules, interfaces)).toBe('GigabitEthernet0/0');
    expect(interfaceOf(report(), rules.slice(0, 2), interfaces)).toBeUndefined();
  });

  it.each(['02-00-00-00-00-AA:corp:guest', '0200.0000.00aa', 'corp:guest'])('of Called-Station-Id %s', (text) => {
    const rules = [{ interface: 'GigabitEthernet0/1', calledStation: text }];
    expect(interfaceOf(report(called), rules, interfaces)).toBe('GigabitEthernet0/1');
  });

  it('is the one that NAS-Port-Id names, or the only one', () => {
    expect(interfaceOf(report({ 'NAS-Port-Id': 'gigabitethernet0/1' }), [], interfaces)).toBe('GigabitEthernet0/1');
    expect(interfaceOf(report({ 'NAS-Port-Id': 'eth0' }), [], interfaces)).toBe('GigabitEthernet0/0');
    expect(interfaceOf(report({ 'NAS-Port-Id': 'wlan0' }), [], interfaces)).toBeUndefined();
    expect(interfaceOf(report({ 'NAS-Port-Id': 'wlan0' }), [], interfaces.slice(0, 1))).toBe('GigabitEthernet0/0');
    expect(interfaceOf(report(), [], [])).toBeUndefined();
  });

  it('is not one that a rule names and no MAG takes stations from', () => {
    expect(interfaceOf(report(), [{ interface: 'GigabitEthernet0/9' }], interfaces)).toBeUndefined();
  });
});
