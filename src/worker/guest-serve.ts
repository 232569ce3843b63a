/** The same in a thread and in a process: answers messages, and lets nothing that the author's code does go unseen. */
import { MAX_BACKGROUND_FAILURES } from './guest-flood.ts';
import { GuestRuntime } from './guest-runtime.ts';
import type { FromGuest, ToGuest } from './protocol.ts';

/** A way to the daemon, taken hold of before any code of the author's runs. */
export interface Channel {
  readonly send: (message: FromGuest) => void;
  readonly listen: (hear: (message: ToGuest) => void) => void;
}

/** @param close takes the channel out of the author's reach; what is sent there all the same becomes a log line */
export function serveGuest({ send, listen }: Channel, close: (stray: () => void) => void): void {
  const runtime = new GuestRuntime(send);
  // Deep enough that the author's own line is in it, below the frames of what it called.
  Error.stackTraceLimit = 50;
  close(() => runtime.log.write('warn', "a message to the daemon's own channel went nowhere: ctx is the way to it"));

  // What the author prints goes to the strategy's log, never to the daemon's output.
  globalThis.console = runtime.log.console;
  const stdout = runtime.log.stream('info');
  const stderr = runtime.log.stream('error');
  process.stdout.write = stdout.write.bind(stdout);
  process.stderr.write = stderr.write.bind(stderr);

  let background = 0;
  const fail = (thrown: unknown, cause: 'threw' | 'rejected'): void => {
    background += 1;
    if (background <= MAX_BACKGROUND_FAILURES) send(runtime.background(thrown, cause));
  };
  process.on('uncaughtException', (error) => fail(error, 'threw'));
  process.on('unhandledRejection', (reason) => fail(reason, 'rejected'));

  listen((message) => {
    const reply = runtime.handle(message);
    if (reply instanceof Promise) void reply.then(send);
    else send(reply);
  });
}
