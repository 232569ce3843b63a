/** Stopping one strategy, flat or not; killing all. */
import { useState } from 'preact/hooks';
import type { VNode } from 'preact';
import type { StopResult } from '../../domain/ports.ts';
import { ActDialog } from '../parts/dialog.tsx';
import { command, strategyPath } from '../state/api.ts';
import type { Strategy } from '../state/store.ts';
import { plural } from '../state/words.ts';
import type { Wire } from '../state/wire.ts';
import { AtStake, FleetAtStake } from './at-stake.tsx';
import { rowsOf } from './halt.tsx';

type Stopped = Wire<StopResult>;

const WORD = 'kill';

export function StopDialog({
  status,
  close,
}: {
  readonly status: Strategy['status'];
  readonly close: () => void;
}): VNode {
  const { strategy: name, state, positions } = status;
  const [flatten, setFlatten] = useState(state === 'stopped');
  const bare = positions.filter(({ stopLoss }) => stopLoss === undefined).length;
  const run = async (): Promise<readonly string[]> => [
    wordsOf(name, await command<Stopped>(strategyPath(name, `stop?flatten=${flatten}`))),
  ];
  return (
    <ActDialog title={`Stop ${name}`} verb={flatten ? 'Stop and close positions' : 'Stop it'} run={run} close={close}>
      <AtStake status={status} />
      <p>
        {flatten
          ? `All working orders are cancelled and ${plural(positions.length, 'position')} closed at the market; that it is flat is verified.`
          : `Working entries are cancelled. ${plural(positions.length, 'position')} ${positions.length === 1 ? 'stays' : 'stay'} open, ${bare} without a stop.`}
      </p>
      <label class="check">
        <input type="checkbox" checked={flatten} onChange={(event) => setFlatten(event.currentTarget.checked)} />
        Close all positions and verify (flatten)
      </label>
    </ActDialog>
  );
}

export function KillDialog({ names, close }: { readonly names: readonly string[]; readonly close: () => void }): VNode {
  const [word, setWord] = useState('');
  const run = async (): Promise<readonly string[]> => {
    const { strategies } = await command<{ strategies: Record<string, Stopped> }>('/daemon/kill');
    return Object.entries(strategies).map(([name, result]) => wordsOf(name, result));
  };
  const missing = word.trim().toLowerCase() === WORD ? undefined : `Type ${WORD} to go on.`;
  return (
    <ActDialog title="Kill: stop and flatten EVERY strategy" verb="Kill all" missing={missing} run={run} close={close}>
      <FleetAtStake rows={rowsOf(names)} />
      <p>
        Every gate closes, all working orders are cancelled, ALL positions are closed at the market, every strategy
        stops.
      </p>
      <label class="field">
        Type <strong>{WORD}</strong>
        <input type="text" autoComplete="off" value={word} onInput={(event) => setWord(event.currentTarget.value)} />
      </label>
    </ActDialog>
  );
}

function wordsOf(
  name: string,
  { state, flattened, openPositions, cancelled, tookMs, verified, left = [] }: Stopped,
): string {
  const flat = flattened ? 'flat, verified' : plural(openPositions, 'open position');
  const doubt = verified ? '' : ' NOT verified.';
  const rest = left.length === 0 ? '' : ` Left: ${left.join(', ')}.`;
  return `${name} is ${state}: ${flat}, ${plural(cancelled, 'order')} cancelled, in ${tookMs} ms.${doubt}${rest}`;
}
