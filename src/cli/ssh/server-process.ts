/**
 * The process that speaks SSH with the network: it holds no rights, and knows neither configuration nor bindings. Names and passwords go to the
 * daemon, at a control socket of its own, and what an operator may do is the daemon's to say.
 */
import type { Server } from 'node:net';
import type { SshSettings } from './settings.ts';
import { SshServer } from './ssh-server.ts';

process.once('message', (settings: SshSettings, listener: Server) => {
  const { user } = settings;
  if (user) {
    process.setgroups?.([]);
    process.setgid?.(user.gid);
    process.setuid?.(user.uid);
  }
  const server = new SshServer(settings);
  listener.on('connection', (socket) => server.accept(socket));
});
// The daemon has ended, or wants no SSH any more.
process.once('disconnect', () => process.exit());
process.on('SIGINT', () => {});
