/** The control port of a bounded run: it is no reason to refuse one that a daemon runs. */
import { createServer } from 'node:net';
import type { Config } from '../config/types.ts';
import type { Configured } from './host.ts';
import { note } from './output.ts';

/** As it is configured; any free one where something holds the default one, and nobody has asked for that. */
export async function withFreeControlPort({ config, source }: Configured): Promise<Config> {
  const { bind, controlPort } = config.http;
  const isAskedFor = source.loaded.origins.get('/http/controlPort') !== 'default';
  if (isAskedFor || (await isFree(bind, controlPort))) return config;
  note(`the control port ${controlPort} is taken: this run takes any free one`);
  return { ...config, http: { ...config.http, controlPort: 0 } };
}

/** Whatever else is wrong with it is for whoever listens there to say. */
function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE'));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
