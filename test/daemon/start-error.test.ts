import { describe, expect, it } from 'vitest';
import { AssemblyError } from '#daemon/assemble.ts';
import { explainStart } from '#daemon/start-error.ts';
import { DataPlaneError } from '#dataplane/dataplane.ts';
import { EACCES, EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENODEV, EPERM, SystemCallError } from '#host/posix.ts';

describe('explainStart', () => {
  it.each([EPERM, EACCES])('names every capability that a start may lack (errno %d)', (errno) => {
    const text = explainStart(new SystemCallError('socket', errno));
    expect(text).toContain('CAP_NET_ADMIN, CAP_NET_RAW, CAP_BPF, CAP_PERFMON');
    expect(text).toContain('seccomp');
  });

  it.each([
    [EADDRNOTAVAIL, 'ip address add'],
    [EADDRINUSE, 'another PMIPv6 node'],
    [ENODEV, 'linux-interface'],
  ])('says what to do about errno %d', (errno, remedy) => {
    expect(explainStart(new SystemCallError('bind', errno))).toMatch(new RegExp(`^bind.*: .*${remedy}`));
  });

  it('passes on what already says so, and names the call where nothing is known', () => {
    expect(explainStart(new AssemblyError(['a', 'b']))).toBe('a\nb');
    expect(explainStart(new DataPlaneError('no-tun', 'load the module tun'))).toBe('load the module tun');
    expect(explainStart(new SystemCallError('bind', EINVAL))).toBe('bind: EINVAL');
  });
});
