/** Halts in words: why, since when, what is blocked, how it is lifted. Pure: figures in, lines out. */
import { dec } from '../domain/decimal.ts';
import type { HaltResult, ResumePreview, ResumeResult } from '../domain/ports.ts';
import { BY_RULE, type HaltCauseView, type HeadroomView } from '../domain/risk-views.ts';
import type { StatusView } from '../domain/status-views.ts';
import type { Exact } from './exact-json.ts';
import { printable } from './output.ts';
import { ago, duration, orUnknown, plural } from './words.ts';

type Cause = Exact<HaltCauseView>;
type Headroom = Exact<HeadroomView>;

/** What every halt means for orders. */
export const BLOCKED = 'every order that adds exposure; stops and targets stay, reducing orders pass';

/** All causes in force, what they block and how they are lifted. */
export function haltLines({ strategy, state, riskState }: Exact<StatusView>, now: number): readonly string[] {
  // What does not run is not resumed by itself; a start brings it back halted.
  const first = state === 'stopped' || state === 'failed' ? `qkt start ${strategy}, then ` : '';
  const own = riskState.causes.some(({ scope }) => scope !== 'book');
  const book = riskState.causes.some(({ scope }) => scope === 'book');
  return [
    ...riskState.causes.flatMap((cause) => causeLines(cause, now)),
    `blocked: ${BLOCKED}`,
    ...(own ? [`to resume: ${first}qkt resume ${strategy} --reason "…" (--dry-run tells what it would come to)`] : []),
    ...(book ? [`to lift the halt of the book: qkt resume --all --reason "…"`] : []),
  ];
}

function causeLines(cause: Cause, now: number): readonly string[] {
  const inputs = Object.entries(cause.inputs ?? {}).map(([name, value]) => `${name} ${orUnknown(value)}`);
  return [
    `${cause.rule}${cause.scope === 'book' ? ', of the whole book' : ''}: ${ownReason(cause)}`,
    ...(cause.measured === undefined
      ? []
      : [`  ${measured(cause)}${cause.formula === undefined ? '' : `: ${cause.formula}`}`]),
    ...(inputs.length === 0 ? [] : [`  with ${inputs.join(', ')}`]),
    `  ${origin(cause, now)}`,
  ];
}

/** The reason of a breach begins with the name of its rule, so that it can stand alone; here it does not. */
function ownReason({ rule, reason }: Pick<Cause, 'rule' | 'reason'>): string {
  return reason.startsWith(`${rule}: `) ? reason.slice(rule.length + 2) : reason;
}

/** `measured 0.0521, limit 0.05, basis peak` */
function measured({ measured: figure, limit, basis }: Cause): string {
  return `measured ${orUnknown(figure)}, limit ${orUnknown(limit)}${basis === undefined ? '' : `, basis ${basis}`}`;
}

function origin({ by, since, restored, durable }: Cause, now: number): string {
  return [
    `since ${since} (${ago(since, now)})`,
    `by ${by ?? BY_RULE}`,
    ...(restored === true ? ['brought back by a start of the daemon'] : []),
    ...(durable === false ? ['NOT on disk: a restart would forget it'] : []),
  ].join(', ');
}

/** One cause on one line. */
export function causeText(cause: Cause, now: number): string {
  const figures = cause.measured === undefined ? '' : ` (${measured(cause)})`;
  return `${cause.rule}: ${ownReason(cause)}${figures}, ${origin(cause, now)}`;
}

/** `maxDrawdown (peak): 0.024 of 0.05 used (48 %), 260 USD left` */
export function headroomText(headroom: Headroom, currency = ''): string {
  const { rule, basis, limit, used, remainingMoney, breachInMs } = headroom;
  const share = usedShare(headroom);
  return [
    `${rule}${basis === undefined ? '' : ` (${basis})`}: ${orUnknown(used)} of ${limit} used` +
      (share === undefined ? '' : ` (${Math.round(share * 100)} %)`),
    ...(remainingMoney === null ? [] : [`${remainingMoney}${currency === '' ? '' : ` ${currency}`} left`]),
    ...(breachInMs === undefined ? [] : [`the limit in ${duration(Number(breachInMs))} at this pace`]),
  ].join(', ');
}

/** Used of a limit, 0 to 1 and above; undefined where either is not known to mean anything. */
export function usedShare({ used, limit }: Headroom): number | undefined {
  if (used === null || dec(limit).sign() <= 0) return undefined;
  return dec(used).dividedBy(dec(limit)).toNumber();
}

/** What a halt came to. */
export function haltedLines(name: string, { state, cancelled, left, durable }: Exact<HaltResult>): readonly string[] {
  const entries = plural(Number(cancelled), 'working entry', 'working entries');
  return [
    `${name} is ${state === 'halted' ? 'halted' : `halted, and ${state}`}: ${entries} cancelled`,
    ...left.map((entry) => `  would not cancel: ${printable(entry)}`),
    ...(durable ? [] : ['  the halt is NOT on disk: the journal cannot be written, and a restart would forget it']),
  ];
}

/** What a resume came to. */
export function resumedLines(
  name: string,
  { state, halted, lifted, headroom }: Exact<ResumeResult>,
): readonly string[] {
  return [
    `${name} is ${halted ? `still halted (${state})` : state}: ${plural(lifted.length, 'halt')} lifted`,
    ...headroom.map((rule) => `  ${printable(headroomText(rule))}`),
  ];
}

/** Why one that is not in the state halted is not resumed; undefined for one that is. */
export function notHalted({ strategy, state, riskState }: Exact<StatusView>): string | undefined {
  if (state === 'halted') return undefined;
  if (!riskState.halted) return `no halt is in force: it is ${state}`;
  if (state === 'stopped' || state === 'failed')
    return `it is ${state}, and its halt can be lifted only while it runs: qkt start ${strategy}, then qkt resume ${strategy} --reason "…"`;
  return `it is ${state}: a halt can be lifted only in the state halted`;
}

/** What a resume would come to. @param obstacle why nothing can be resumed now, whatever the rules say */
export function previewLines(
  name: string,
  preview: Exact<ResumePreview>,
  obstacle: string | undefined,
): readonly string[] {
  const { wouldResume, wouldTrip, remains, headroom, workingOrders, unknownOrders, rebase } = preview;
  const rebased = rebase === 'none' ? '' : `, with the reference of the ${rebase} taken anew`;
  return [
    `${name} ${wouldResume ? 'would resume' : 'would NOT resume'}${rebased}.`,
    ...wouldTrip.map(
      ({ rule, measured: figure, limit }) =>
        `  ${rule} would halt it again at once: measured ${String(figure)}, limit ${String(limit)}`,
    ),
    ...remains.map(remainder),
    ...(obstacle === undefined ? [] : [`  ${obstacle}`]),
    ...headroom.map((rule) => `  ${headroomText(rule)}`),
    ...workingOrders.map((order) => `  working: ${orderText(order)}`),
    ...unknownOrders.map((order) => `  unknown at the venue: ${orderText(order)}`),
  ].map(printable);
}

/** A cause that the resume is not about. */
function remainder(cause: Cause): string {
  const whose = cause.scope === 'book' ? 'a halt of the book' : "a strategy's own halt";
  return `  ${whose} stays in force: ${cause.rule}: ${ownReason(cause)}`;
}

export function orderText({ id, side, qty, symbol, type, price, status }: Exact<StatusView>['orders'][number]): string {
  return `${id}: ${side} ${qty} ${symbol} ${type}${price === undefined ? '' : ` at ${price}`}, ${status}`;
}
