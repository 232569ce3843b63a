/** States in a word and a colour. The word alone says it, too. */
import type { VNode } from 'preact';

const TONES: Readonly<Record<string, string>> = {
  trading: 'good',
  ready: 'good',
  running: 'good',
  ok: 'good',
  halting: 'held',
  halted: 'held',
  degraded: 'held',
  warming: 'busy',
  starting: 'busy',
  recovering: 'busy',
  connecting: 'busy',
  verifying: 'busy',
  reconciling: 'busy',
  cancelling: 'busy',
  flattening: 'busy',
  draining: 'busy',
  stopping: 'busy',
  stopped: 'ended',
  offline: 'ended',
  unresponsive: 'bad',
  crashed: 'bad',
  failed: 'bad',
  down: 'bad',
  killed: 'bad',
  unhealthy: 'bad',
};

export function Badge({ text, tone }: { readonly text: string; readonly tone?: string }): VNode {
  return <span class={`badge ${tone ?? TONES[text] ?? 'plain'}`}>{text}</span>;
}
