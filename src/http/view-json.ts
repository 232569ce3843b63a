/** A view's JSON, with the parts that did not change since the last answer taken as they were written then. */
import { partsOf, type Parts } from '../domain/composed-view.ts';
import { memberName, toJson } from '../domain/json.ts';

/** By identity, so an entry lives as long as the part that it belongs to. */
const written = new WeakMap<object, string>();

/** A base as it is written, cut where its changing members go. */
interface Template {
  /** One more than there are names. */
  readonly pieces: readonly string[];
  readonly names: readonly string[];
  /** Filled in last: of answers within a millisecond most are the same. */
  readonly texts: string[];
  whole: string | undefined;
}
const templates = new WeakMap<object, Template>();

/**
 * As `toJson`. What is frozen (a whole view, or a member such as the trades) is written once, and must
 * be frozen all through; so is the base of a composed view.
 */
export function viewJson(view: object): string {
  const parts = partsOf(view);
  if (parts !== undefined) return fill(templateOf(parts), parts.changing);
  return Object.isFrozen(view) ? onceWritten(view, writeView) : writeView(view);
}

function onceWritten(part: object, write: (part: object) => string): string {
  let text = written.get(part);
  if (text === undefined) {
    text = write(part);
    written.set(part, text);
  }
  return text;
}

function fill(template: Template, changing: Parts['changing']): string {
  const { pieces, names, texts } = template;
  let isSame = template.whole !== undefined;
  for (let i = 0; i < names.length; i++) {
    const text = memberJson(changing[names[i]!]);
    isSame &&= text === texts[i];
    texts[i] = text;
  }
  if (isSame) return template.whole!;
  let whole = pieces[0]!;
  for (let i = 0; i < names.length; i++) whole += texts[i]! + pieces[i + 1]!;
  template.whole = whole;
  return whole;
}

function templateOf({ base, changing }: Parts): Template {
  let template = templates.get(base);
  if (template === undefined) {
    template = cut(base, changing);
    templates.set(base, template);
  }
  return template;
}

/** Members that change are always there: `undefined` is written as null. */
function cut(base: object, changing: Parts['changing']): Template {
  const [pieces, names]: [string[], string[]] = [[], []];
  let text = '{';
  let separator = '';
  for (const [name, member] of Object.entries(base)) {
    const changes = Object.hasOwn(changing, name);
    if (!changes && member === undefined) continue;
    text += separator + memberName(name);
    separator = ',';
    if (!changes) text += memberJson(member);
    else {
      pieces.push(text);
      names.push(name);
      text = '';
    }
  }
  return { pieces: [...pieces, `${text}}`], names, texts: [], whole: undefined };
}

function writeView(view: object): string {
  if (Array.isArray(view)) return `[${view.map(memberJson).join(',')}]`;
  let out = '';
  for (const [name, member] of Object.entries(view))
    if (member !== undefined) out += (out === '' ? '{' : ',') + memberName(name) + memberJson(member);
  return out === '' ? '{}' : `${out}}`;
}

function memberJson(member: unknown): string {
  if (typeof member !== 'object' || member === null || !Object.isFrozen(member)) return toJson(member);
  return onceWritten(member, toJson);
}
