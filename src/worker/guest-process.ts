/** Entry of a strategy's process. */
import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { processWatchdogUrl } from './entry.ts';
import { CHANNEL_FD, frameOf, readFrames } from './frames.ts';
import { serveGuest } from './guest-serve.ts';
import { fromArguments } from './process-start.ts';
import type { ToGuest } from './protocol.ts';

const pipe = new Socket({ fd: CHANNEL_FD });
const write = pipe.write.bind(pipe);
const ignore = (): void => undefined;

// A Ctrl-C and systemd's signals reach every process of the daemon: it is the daemon that ends this one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, ignore);
// Without a daemon there is nobody to tell that it could not be told.
pipe.on('error', ignore).on('close', () => process.kill(process.pid, 'SIGKILL'));
new Worker(processWatchdogUrl(), {
  workerData: fromArguments(process.argv),
  resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
}).unref();

serveGuest(
  {
    send: (message) => void write(frameOf(message)),
    listen: (hear) =>
      readFrames(pipe, Infinity, {
        hear: (message) => hear(message as ToGuest),
        broken: () => process.kill(process.pid, 'SIGKILL'),
      }),
  },
  (stray) => {
    process.send = () => {
      stray();
      return false;
    };
  },
);
