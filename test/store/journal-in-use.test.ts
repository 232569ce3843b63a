import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openStore } from '../../src/store/journal-files.ts';

const reserve = { held: false, release: () => {} } as unknown as Parameters<typeof openStore>[1];
const disk = { freeBytes: () => 2 ** 30 } as unknown as Parameters<typeof openStore>[2];

it('a journal that another process has open is refused with its number, and opened once that has ended', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'qkt-in-use-'));
  const built = new URL('../../dist/store/journal-files.js', import.meta.url).href;
  const script = `
    const { openStore } = await import(${JSON.stringify(built)});
    const store = await openStore(${JSON.stringify(stateDir)}, { held: false, release() {} }, { freeBytes: () => 2 ** 30 });
    store.get('meta', Buffer.from('format'));
    console.log('open');
    setInterval(() => store, 1000);
  `;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(holder.stdout, 'data');
    const error = await openStore(stateDir, reserve, disk).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'QKT_E_LOCKED', extras: { members: { pid: holder.pid } } });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await (await openStore(stateDir, reserve, disk)).close();
  } finally {
    holder.kill('SIGKILL');
    rmSync(stateDir, { recursive: true, force: true });
  }
});
