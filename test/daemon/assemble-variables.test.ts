import { expect, it } from 'vitest';
import { parseConfiguration, printConfiguration } from '#config/index.ts';
import { assemble } from '#daemon/assemble.ts';
import { ANY_HOST } from '#daemon/host-availability.ts';

it('[RFC 5213 §9.1, §9.2, §9.3, RFC 5844 §5.1, §5.2] has the variables of the RFCs as the text that is kept says, or their defaults', () => {
  const text = (domain: string, lma: string, mag: string) =>
    [
      `ipv6 mobile pmipv6-domain D\n${domain}lma l\nipv6-address 2001:db8::1\nipv4-address 192.0.2.1\nnai p`,
      `ipv6 mobile pmipv6-lma l domain D\n${lma}dynamic mag learning`,
      `ipv6 mobile pmipv6-mag m domain D\naddress ipv6 2001:db8::2\naddress ipv4 192.0.2.2\n${mag}interface eth0\nenable pmipv6 default p`,
    ].join('\n');
  const restarted = (written: string) => {
    const kept = printConfiguration(parseConfiguration(written).configuration);
    return assemble(parseConfiguration(kept).configuration, 'host', ANY_HOST);
  };
  const plain = restarted(text('', '', ''));
  expect(plain.lmas[0]).toMatchObject({ deleteWait: 10_000, createWait: 1500, timestampWindow: 7000 });
  expect(plain.lmas[0]?.tunnel?.udp ?? false).toBe(false);
  expect(plain.mags[0]?.mag.lmas[0]?.tunnel?.mode).not.toBe('udp');
  expect(plain.forwarding.accessInterfaces[0]?.localRouting).toBe(false);
  const written = restarted(
    text(
      'replay-protection timestamp window 1\nfixed-link-local-address fe80::1\nfixed-link-layer-address 0200.0000.0001\n',
      'bce delete-wait-time 5000\nbce create-wait-time 2000\nencap udptunnel\n',
      'local-routing-mag\nencap udptunnel\n',
    ),
  );
  expect(written.lmas[0]).toMatchObject({
    deleteWait: 5000,
    createWait: 2000,
    timestampWindow: 1000,
    tunnel: { udp: true },
  });
  const mag = written.mags[0]?.mag;
  expect(mag?.lmas[0]?.tunnel).toMatchObject({ mode: 'udp' });
  expect([`${mag?.linkLocal}`, `${mag?.linkLayer}`]).toEqual(['fe80::1', '02:00:00:00:00:01']);
  expect(written.forwarding.accessInterfaces[0]?.localRouting).toBe(true);
});
