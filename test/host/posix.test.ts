import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { MessageBatch } from '#host/message-batch.ts';
import * as posix from '#host/posix.ts';

const loopback = new Ipv6Address(0, 0, 0, 1);

describe('posix', () => {
  it('names the call and the error of a failed system call', () => {
    const attempt = () => posix.check('setsockopt', posix.setsockopt(-1, 1, 1, null, 0));
    expect(attempt).toThrowError(new posix.SystemCallError('setsockopt', posix.EBADF));
    expect(attempt).toThrowError('setsockopt: EBADF');
  });

  it('keeps the error number of what failed, whatever else goes wrong on the thread meanwhile', () => {
    expect(posix.close(-1)).toBe(-1);
    expect(existsSync('/none/such')).toBe(false);
    expect(posix.errno()).toBe(posix.EBADF);
  });

  it('gives memory that C and JavaScript see at the same place', () => {
    const pipe = posix.alloc(8);
    const event = posix.check('eventfd', posix.eventfd(42, posix.EFD_NONBLOCK));
    expect(posix.read(event, pipe.address, 8)).toBe(8);
    expect(pipe.buffer.readBigUInt64LE()).toBe(42n);
    posix.close(event);
  });

  it('maps memory and gives it back', () => {
    const mapping = posix.mmap(4096, posix.PROT_READ | posix.PROT_WRITE, posix.MAP_PRIVATE | posix.MAP_ANONYMOUS, -1);
    mapping.buffer.writeUInt32LE(0xdeadbeef, 4092);
    expect(mapping.buffer.readUInt32LE(4092)).toBe(0xdeadbeef);
    posix.munmap(mapping);
  });
});

describe('MessageBatch', () => {
  it('sends and receives a batch with addresses, and says which messages failed', () => {
    const from = udp();
    const to = udp();
    const out = new MessageBatch({ count: 4, size: 2000, addressLength: 28 });
    const address = posix.sockaddrIn6(loopback, to.port);
    const invalid = posix.sockaddrIn6(loopback, 0);
    expect(out.append(Buffer.from('one'), address)).toBe(true);
    out.append(Buffer.from('two'), invalid);
    out.append(Buffer.from('three'), address);
    const failures: number[] = [];
    expect(out.send(from.fd, (index) => failures.push(index))).toBe(2);
    expect(failures).toEqual([1]);
    expect(out.length).toBe(0);

    const back = new MessageBatch({ count: 4, size: 4, addressLength: 28 });
    expect(back.receive(to.fd)).toBe(2);
    expect(back.message(0).toString()).toBe('one');
    expect(back.truncated(0)).toBe(false);
    expect(back.message(1).toString()).toBe('thre');
    expect(back.truncated(1)).toBe(true);
    expect(posix.readSockaddrIn6(back.address(0), 0)).toMatchObject({ address: loopback, port: from.port });
    expect(back.receive(to.fd)).toBe(0);
    posix.close(from.fd);
    posix.close(to.fd);
  });

  it('tells what each batch has, however long the messages of the one before were', () => {
    const [from, to] = [udp(), udp()];
    const address = posix.sockaddrIn6(loopback, to.port);
    const out = new MessageBatch({ count: 3, size: 64, addressLength: 28 });
    const back = new MessageBatch({ count: 3, size: 64, addressLength: 28 });
    const texts = [
      ['one', 'two', 'three'],
      ['four', 'six', ''],
      ['seven', 'ten', 'eight'],
    ];
    const received = texts.map((batch) => {
      for (const text of batch) out.append(Buffer.from(text), address);
      out.send(from.fd, () => {});
      return Array.from({ length: back.receive(to.fd) }, (_, i) => back.message(i).toString());
    });
    expect(received).toEqual(texts);
    posix.close(from.fd);
    posix.close(to.fd);
  });

  it('reads ancillary data', () => {
    const socket = udp();
    posix.setIntegerOption(socket.fd, posix.IPPROTO_IPV6, posix.IPV6_RECVPKTINFO, 1);
    const batch = new MessageBatch({ count: 2, size: 100, addressLength: 28, controlLength: 64 });
    batch.append(Buffer.from('x'), posix.sockaddrIn6(loopback, socket.port));
    const sender = new MessageBatch({ count: 1, size: 100, addressLength: 28 });
    sender.append(Buffer.from('x'), posix.sockaddrIn6(loopback, socket.port));
    sender.send(socket.fd, () => {});
    expect(batch.receive(socket.fd)).toBe(1);
    const info = batch.control(0, posix.IPPROTO_IPV6, posix.IPV6_PKTINFO) as Buffer;
    expect(Ipv6Address.read(info).toString()).toBe('::1');
    expect(batch.control(0, posix.IPPROTO_IPV6, 1)).toBeUndefined();
    posix.close(socket.fd);
  });
});

function udp(): { fd: number; port: number } {
  const fd = posix.check('socket', posix.socket(posix.AF_INET6, posix.SOCK_DGRAM | posix.SOCK_NONBLOCK, 0));
  posix.check('bind', posix.bind(fd, posix.sockaddrIn6(loopback), posix.SOCKADDR_IN6_LENGTH));
  const name = Buffer.alloc(28);
  const length = Buffer.from([28, 0, 0, 0]);
  posix.check('getsockname', posix.getsockname(fd, name, length));
  return { fd, port: name.readUInt16BE(2) };
}
