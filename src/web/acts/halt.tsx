/** Halting one strategy, or all. */
import { useState } from 'preact/hooks';
import type { VNode } from 'preact';
import type { HaltResult } from '../../domain/ports.ts';
import { ActDialog, missingReason, ReasonField } from '../parts/dialog.tsx';
import { command, strategyPath } from '../state/api.ts';
import { rowOf, type Row, type Strategy } from '../state/store.ts';
import { plural } from '../state/words.ts';
import type { Wire } from '../state/wire.ts';
import { AtStake, FleetAtStake } from './at-stake.tsx';

type Halted = Wire<HaltResult>;

const ENTRIES = new Set(['entry', 'stackLayer']);

export function HaltDialog({
  status,
  close,
}: {
  readonly status: Strategy['status'];
  readonly close: () => void;
}): VNode {
  const [reason, setReason] = useState('');
  const { strategy: name, orders, pendingStackLayers: layers } = status;
  const entries = orders.filter(({ role }) => ENTRIES.has(role)).length;
  const run = async (): Promise<readonly string[]> => [
    wordsOf(name, await command<Halted>(strategyPath(name, 'halt'), { reason })),
  ];
  return (
    <ActDialog title={`Halt ${name}`} verb="Halt it" missing={missingReason(reason)} run={run} close={close}>
      <AtStake status={status} />
      <p>
        The gate closes at once for orders that add exposure. {plural(entries, 'working entry')} and{' '}
        {plural(layers.length, 'waiting layer')} are cancelled. Positions stay open with their stops and targets. Only a
        resume with a reason lifts it.
      </p>
      <ReasonField value={reason} set={setReason} />
    </ActDialog>
  );
}

export function HaltAllDialog({
  names,
  close,
}: {
  readonly names: readonly string[];
  readonly close: () => void;
}): VNode {
  const [reason, setReason] = useState('');
  const rows = rowsOf(names);
  const run = async (): Promise<readonly string[]> => {
    const { strategies } = await command<{ strategies: Record<string, Halted> }>('/daemon/halt', { reason });
    return Object.entries(strategies).map(([name, result]) => wordsOf(name, result));
  };
  return (
    <ActDialog title="Halt every strategy" verb="Halt all" missing={missingReason(reason)} run={run} close={close}>
      <FleetAtStake rows={rows} />
      <p>
        A halt of the book: every gate closes at once, working entries are cancelled, positions stay with their stops.
        No strategy's own resume lifts it.
      </p>
      <ReasonField value={reason} set={setReason} />
    </ActDialog>
  );
}

export const rowsOf = (names: readonly string[]): readonly Row[] =>
  names.map((name) => rowOf(name).peek()).filter((row) => row !== null);

function wordsOf(name: string, { state, cancelled, left, durable }: Halted): string {
  const kept = durable ? '' : ' It could NOT be written to disk: a crash would forget it.';
  const rest = left.length === 0 ? '' : `, ${left.length} would not cancel: ${left.join(', ')}`;
  return `${name} is ${state}: ${plural(cancelled, 'entry')} cancelled${rest}.${kept}`;
}
