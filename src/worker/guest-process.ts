/** Entry of a strategy's process. */
import { Worker } from 'node:worker_threads';
import { processWatchdogUrl } from './entry.ts';
import { serveGuest } from './guest-serve.ts';
import { fromArguments } from './process-start.ts';

if (process.send === undefined) throw new Error('guest-process.ts runs as a child of the daemon only');
const post = process.send.bind(process);
const ignore = (): void => undefined;

// A Ctrl-C and systemd's signals reach every process of the daemon: it is the daemon that ends this one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, ignore);
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
new Worker(processWatchdogUrl(), {
  workerData: fromArguments(process.argv),
  resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
}).unref();

serveGuest(
  {
    // Without a daemon there is nobody to tell that it could not be told.
    send: (message) => post(message, undefined, undefined, ignore),
    listen: (hear) => process.on('message', hear),
  },
  (stray) => {
    process.send = () => {
      stray();
      return false;
    };
  },
);
