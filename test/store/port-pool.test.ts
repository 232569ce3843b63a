import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { PortPool } from '../../src/store/port-pool.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Listens for real; false when somebody else does. */
async function listen(port: number): Promise<boolean> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    servers.push(server);
    return true;
  } catch {
    return false;
  }
}
const free = (): Promise<boolean> => Promise.resolve(true);

describe('the port pool', () => {
  it('gives the lowest port that is free, and a released one again', async () => {
    const pool = new PortPool({ from: 100, to: 103 });
    expect([await pool.claim(undefined, free), await pool.claim(undefined, free)]).toEqual([100, 101]);
    pool.release(100);
    expect(await pool.claim(undefined, free)).toBe(100);
  });

  it('gives the preferred port when it is free and of the pool', async () => {
    const pool = new PortPool({ from: 100, to: 103 });
    expect(await pool.claim(102, free)).toBe(102);
    expect(await pool.claim(102, free)).toBe(100);
    expect(await pool.claim(999, free)).toBe(101);
  });

  it('skips a port that another program holds', async () => {
    await listen(0);
    const { port } = servers[0]!.address() as AddressInfo;
    const pool = new PortPool({ from: port, to: port + 20 });
    expect(await pool.claim(undefined, listen)).toBeGreaterThan(port);
    expect(await pool.claim(port, listen)).toBeGreaterThan(port);
  });

  it('refuses when it is empty, and changes nothing', async () => {
    const pool = new PortPool({ from: 100, to: 100 });
    await pool.claim(undefined, free);
    await expect(pool.claim(undefined, free)).rejects.toMatchObject({ code: 'QKT_E_PORT_POOL_EMPTY' });
    pool.release(100);
    expect(await pool.claim(undefined, free)).toBe(100);
  });

  it('keeps nothing when listening fails for another reason', async () => {
    const pool = new PortPool({ from: 100, to: 101 });
    await expect(pool.claim(undefined, () => Promise.reject(new Error('no such host')))).rejects.toThrow(
      'no such host',
    );
    expect(await pool.claim(undefined, free)).toBe(100);
  });

  it('never gives one port twice, whatever is asked at the same time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(fc.integer({ min: 98, max: 112 }), { nil: undefined }), { maxLength: 15 }),
        fc.uniqueArray(fc.integer({ min: 100, max: 110 })),
        async (wishes, busy) => {
          const pool = new PortPool({ from: 100, to: 110 });
          const settled = await Promise.allSettled(
            wishes.map((wish) => pool.claim(wish, async (port) => Promise.resolve(!busy.includes(port)))),
          );
          const given = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
          expect(new Set(given).size).toBe(given.length);
          expect(given.some((port) => busy.includes(port))).toBe(false);
          expect(given.length).toBe(Math.min(wishes.length, 11 - busy.length));
        },
      ),
    );
  });
});
