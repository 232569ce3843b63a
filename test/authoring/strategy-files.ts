/** Strategy files for the authoring tests, each in a temporary directory far from any node_modules. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileStrategy, type CompiledStrategy } from '../../src/worker/compile.ts';
import type { GuestHost } from '../../src/worker/host.ts';
import { resolveParams } from '../../src/worker/params.ts';
import type { CallbackName, WireDefinition, WireItem, WireState } from '../../src/worker/protocol.ts';

export const NO_STATE: WireState = { balance: '10000', realized: '0', positions: [], orders: [] };

export class StrategyFiles {
  readonly dir = mkdtempSync(join(tmpdir(), 'qkt-authoring-'));

  write(text: string, name = 'strategy.ts'): string {
    const path = join(this.dir, name);
    writeFileSync(path, text);
    return path;
  }

  compile(text: string, name?: string): Promise<CompiledStrategy> {
    return compileStrategy(this.write(text, name), { outDir: join(this.dir, 'out') });
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** A strategy file around the body of `create`, which starts on line 8. */
export function strategyFile(create: string, head = ''): string {
  return `${head}
import { defineStrategy, param } from 'qkt';
export default defineStrategy({
  name: 'probe', version: 1,
  params: { length: param.integer(3, { min: 1, max: 9 }) },
  streams: { eur: { symbol: 'EURUSD', bars: '1m' }, yen: { symbol: 'USDJPY' } },
  timers: { soon: { every: '5s' } },
  create({ params, indicators }) {
${create}
  },
});
`;
}

export interface Started {
  readonly compiled: CompiledStrategy;
  readonly definition: WireDefinition;
  readonly callbacks: readonly CallbackName[];
}

/** Compiles, loads and creates on the given host, with the definition's defaults as parameters. */
export async function startOn(host: GuestHost, compiled: CompiledStrategy, state = NO_STATE): Promise<Started> {
  const definition = await host.load(compiled.moduleUrl);
  const params = resolveParams(definition, {});
  const callbacks = await host.create({
    strategy: definition.name,
    run: 2,
    params,
    startingBalance: '10000',
    state,
  });
  return { compiled, definition, callbacks };
}

export const barItem = (close: number, more: Partial<Extract<WireItem, { kind: 'bar' }>> = {}): WireItem => ({
  kind: 'bar',
  now: 60_000,
  stream: 'eur',
  warming: false,
  start: 0,
  end: 60_000,
  open: close,
  high: close,
  low: close,
  close,
  ticks: 4,
  ...more,
});

export const tickItem = (bid: number, ask: number, now = 1_000, stream = 'eur'): WireItem => ({
  kind: 'tick',
  now,
  stream,
  ts: now,
  bid,
  ask,
});
