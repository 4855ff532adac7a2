import { alloc, check, PACKET_ADD_MEMBERSHIP, SOL_PACKET, setsockopt } from './posix.ts';

/** Has the network card of an interface keep nothing back, as long as the socket is open. `mode`: PACKET_MR_PROMISC or PACKET_MR_ALLMULTI. Throws `SystemCallError`. */
export function hearAll(fd: number, interfaceIndex: number, mode: number): void {
  const request = alloc(16); // struct packet_mreq
  request.buffer.writeInt32LE(interfaceIndex, 0);
  request.buffer.writeUInt16LE(mode, 4);
  check('PACKET_ADD_MEMBERSHIP', setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, request.pointer, 16));
}
