/** Signals to the process that hosts a daemon: SIGINT and SIGTERM end it, SIGHUP has it read its configuration again. */
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { isatty } from 'node:tty';
import type { App } from '../app.ts';
import { asQktError } from '../errors.ts';
import { note } from './output.ts';
import { tellReload } from './reload-words.ts';
import type { ServiceManager } from './systemd.ts';

/** npm passes on the Ctrl-C that its child has had from the terminal already: such an echo is no second wish. */
const ECHO_MS = 100;

/** The first SIGINT or SIGTERM stops in order, the second at once, with 128 and its number. */
export function stopOnSignals(app: App): () => void {
  let askedAt: number | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    if (askedAt !== undefined) {
      if (Date.now() - askedAt > ECHO_MS) process.exit(128 + constants.signals[signal]);
      return;
    }
    askedAt = Date.now();
    note(`${signal}: stopping in order; once more stops at once`);
    // A step that failed is reported by whoever waits for the end.
    app.stop().catch(() => undefined);
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return () => void process.off('SIGINT', stop).off('SIGTERM', stop);
}

/** A terminal that closes ends what runs in it, in order; otherwise SIGHUP means that the configuration has changed. */
export function reloadOnHangUp(app: App, manager: ServiceManager, status: () => string): () => void {
  const hadTerminal = hasTerminal();
  const onTerminal = [0, 1, 2].filter((fd) => isatty(fd));
  const reload = async (): Promise<void> => {
    manager.reloading();
    try {
      tellReload(await app.daemon.reload({ by: 'signal:SIGHUP' }), note);
    } catch (error) {
      note(`SIGHUP: the configuration stays as it was: ${asQktError(error).located}`);
    } finally {
      manager.ready(status());
    }
  };
  const onHangUp = (): void => {
    if (!hadTerminal || hasTerminal()) {
      void reload();
      return;
    }
    letGo(onTerminal);
    process.emit('SIGTERM', 'SIGTERM');
  };
  process.on('SIGHUP', onHangUp);
  return () => void process.off('SIGHUP', onHangUp);
}

/** Node sets the terminal of its standard streams back when it ends, and aborts where that fails. */
function letGo(terminal: readonly number[]): void {
  for (const fd of terminal) {
    closeSync(fd);
    // The lowest number that is free: the one just closed.
    openSync('/dev/null', 'r+');
  }
}

/** Whether the process has a terminal that can still be opened. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
