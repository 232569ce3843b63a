/** The control plane, on its TCP port and on a unix socket in the state directory. */
import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { AlertPort } from '../domain/alerts.ts';
import type { DaemonPort, JournalPort } from '../domain/ports.ts';
import type { QueueView } from '../domain/health-views.ts';
import { QktError } from '../errors.ts';
import { createHttpServer, type HttpOptions, type HttpServer } from './http-server.ts';
import type { OperationRegistry } from './operations.ts';
import { registerAlertRoutes } from './routes-alerts.ts';
import { registerDaemonRoutes } from './routes-daemon.ts';
import { registerDaemonMetrics } from './routes-metrics.ts';
import { registerJournalRoutes } from './routes-journal.ts';
import { registerPage } from './routes-page.ts';
import { registerOpenapi } from './routes-openapi.ts';

/** Bytes that a socket's address can hold. */
const LONGEST_SOCKET_PATH = 103;

export interface ControlServerOptions extends HttpOptions {
  readonly daemon: DaemonPort;
  readonly operations: OperationRegistry;
  /** Without one there are no routes of the journal. */
  readonly journal?: JournalPort;
  /** Without one there are no routes of alerts. */
  readonly alerts?: AlertPort;
}

export interface ListenControlOptions extends ControlServerOptions {
  /** 0 takes any free one. */
  readonly port: number;
  /** Ours alone: whoever calls holds its lock. */
  readonly stateDir: string;
}

export interface Control {
  readonly port: number;
  /** `null` where the path is too long for a socket. */
  readonly socketPath: string | null;
  /** As {@link HttpServer.readers}, a row for each. */
  readers(): readonly QueueView[];
  /** As {@link HttpServer.close}, for both. */
  close(): Promise<void>;
}

/** The control plane as one server; {@link listenControl} opens it where clients look for it. @throws QktError QKT_E_BIND */
function createControlServer(options: ControlServerOptions): HttpServer {
  const { daemon, journal, alerts } = options;
  return createHttpServer('qkt daemon', options, (app, open) => {
    const context = { ...options, open, operationsPrefix: '/daemon' };
    registerDaemonRoutes(app, daemon, context);
    registerDaemonMetrics(app, daemon, context);
    if (journal !== undefined) registerJournalRoutes(app, journal, daemon, context);
    if (alerts !== undefined) registerAlertRoutes(app, alerts, daemon, context);
    registerPage(app, options.tokens);
    registerOpenapi(app);
  });
}

/** `<state>/control.sock`, or `null` where that is too long for a socket. */
function controlSocketPath(stateDir: string): string | null {
  const path = join(stateDir, 'control.sock');
  return Buffer.byteLength(path) > LONGEST_SOCKET_PATH ? null : path;
}

/** Opens the control port and the socket. @throws QktError QKT_E_BIND, QKT_E_PORT_BUSY, QKT_E_STATE_DIR */
export async function listenControl(options: ListenControlOptions): Promise<Control> {
  const tcp = createControlServer(options);
  const port = await listenOrSayBusy(tcp, options.port);
  const socketPath = controlSocketPath(options.stateDir);
  if (socketPath === null) return { port, socketPath, readers: () => [tcp.readers()], close: () => tcp.close() };
  const socket = createControlServer(options);
  try {
    await listenOnSocket(socket, socketPath);
  } catch (error) {
    await tcp.close();
    throw error;
  }
  return {
    port,
    socketPath,
    readers: () => [tcp.readers(), { ...socket.readers(), name: 'readers:socket' }],
    close: async () => {
      await Promise.all([tcp.close(), socket.close()]);
    },
  };
}

async function listenOrSayBusy(server: HttpServer, port: number): Promise<number> {
  try {
    return await server.listen({ port });
  } catch (error) {
    await server.close();
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    const why = code === 'EACCES' ? 'this user may not open' : 'another program holds';
    throw new QktError('QKT_E_PORT_BUSY', `${why} the control port ${port}`, { cause: error });
  }
}

async function listenOnSocket(server: HttpServer, path: string): Promise<void> {
  removeStale(path);
  try {
    await server.listen({ path });
    chmodSync(path, 0o600);
  } catch (error) {
    await server.close();
    throw new QktError('QKT_E_STATE_DIR', `the socket ${path} cannot be opened`, { cause: error });
  }
}

/** A crash leaves its socket behind; anything else of that name is not ours to remove. */
function removeStale(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new QktError('QKT_E_STATE_DIR', `${path} is there already, and is no socket`);
  unlinkSync(path);
}
