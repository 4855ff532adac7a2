// Loaded into a daemon before its own code: its main thread fails when the process is sent SIGWINCH.
import { isMainThread } from 'node:worker_threads';

if (isMainThread)
  process.on('SIGWINCH', () => {
    throw new Error('made to fail');
  });
