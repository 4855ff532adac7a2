import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { UnixDatagramSocket } from '#host/unix-datagram-socket.ts';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'mooring-unix-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const path = (name: string) => join(directory, name);
const received = (socket: UnixDatagramSocket) => {
  const texts: string[] = [];
  socket.receive((datagram) => texts.push(Buffer.from(datagram).toString()));
  return texts;
};

it('says whether nobody has the other end open, or there is none', () => {
  expect(() => new UnixDatagramSocket(path('a'), path('nobody'), 64)).toThrowError('ENOENT');
  expect(existsSync(path('a'))).toBe(false);
  writeFileSync(path('file'), '');
  expect(() => new UnixDatagramSocket(path('a'), path('file'), 64)).toThrowError('ECONNREFUSED');
  expect(() => new UnixDatagramSocket(path('a'), `/${'x'.repeat(200)}`, 64)).toThrowError(RangeError);
});

it('exchanges datagrams with one that knows its name, cuts what is too long, and leaves no file', () => {
  writeFileSync(path('left'), 'of a process that was killed');
  const self = new UnixDatagramSocket(path('left'), path('left'), 8);
  self.send('PING');
  self.send('');
  self.send('0123456789');
  expect(received(self)).toEqual(['PING', '', '012345678']);
  expect(received(self)).toEqual([]);
  self.close();
  expect(existsSync(path('left'))).toBe(false);
});

it('takes nothing more once it was closed by what it received', () => {
  const self = new UnixDatagramSocket(path('self'), path('self'), 8);
  self.send('one');
  self.send('two');
  const texts: string[] = [];
  self.receive((datagram) => {
    texts.push(Buffer.from(datagram).toString());
    self.close();
  });
  expect(texts).toEqual(['one']);
});
