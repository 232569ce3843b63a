/** `qkt top` while it runs: rows asked for every second, keys, and what they do to the selected strategy. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { HaltResult, StopResult } from '../domain/ports.ts';
import type { StrategyRow } from '../domain/status-views.ts';
import { strategyPath, type DaemonClient } from './client.ts';
import { parseExact } from './exact-json.ts';
import { describeExposure } from './exposure.ts';
import { BLOCKED, haltedLines } from './halt-words.ts';
import { outcomeOf } from './operation.ts';
import { stoppedLines } from './stop-words.ts';
import type { TopRow, TopState } from './top-screen.ts';
import { duration } from './words.ts';

const EVERY_MS = 1000;
const ACT_MS = 30_000;

interface Question {
  readonly text: readonly string[];
  /** What the answer comes to, in words. */
  readonly act: (answer: string) => Promise<readonly string[]>;
}

export class TopSession {
  readonly #client: DaemonClient;
  readonly #changed: () => void;
  #rows: readonly TopRow[] = [];
  #selected: string | undefined;
  #lostAt: number | undefined;
  #message: readonly string[] = [];
  #question: Question | undefined;
  #typed = '';

  /** @param changed called when there is something new to show */
  constructor(client: DaemonClient, changed: () => void) {
    this.#client = client;
    this.#changed = changed;
  }

  get state(): TopState {
    const lost = this.#lostAt === undefined ? undefined : `for ${duration(Date.now() - this.#lostAt)}`;
    return {
      rows: this.#rows,
      selected: this.#selected,
      lost,
      message: this.#question?.text ?? this.#message,
      typed: this.#question === undefined ? undefined : this.#typed,
    };
  }

  /** Looks again and again until the signal aborts; a daemon that is gone is looked for. */
  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look();
      await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async look(): Promise<void> {
    try {
      this.#rows = parseExact<StrategyRow[]>((await this.#client.get('/daemon/list')).text);
      this.#lostAt = undefined;
    } catch {
      this.#lostAt ??= Date.now();
    }
    if (!this.#rows.some(({ name }) => name === this.#selected)) this.#selected = this.#rows[0]?.name;
    this.#changed();
  }

  /** Takes a key by its name, or its character. @returns false when the person leaves. */
  async key(name: string, character: string): Promise<boolean> {
    if (this.#question !== undefined) await this.#answer(name, character);
    else if (name === 'q') return false;
    else if (name === 'up' || name === 'k') this.#move(-1);
    else if (name === 'down' || name === 'j') this.#move(1);
    else if (name === 'h' || name === 's') await this.#ask(name);
    this.#changed();
    return true;
  }

  #move(by: number): void {
    const at = this.#rows.findIndex(({ name }) => name === this.#selected) + by;
    this.#selected = this.#rows[Math.max(0, Math.min(this.#rows.length - 1, at))]?.name;
    this.#message = [];
  }

  /** With what is at stake, and only then. */
  async #ask(key: 'h' | 's'): Promise<void> {
    const name = this.#selected;
    if (name === undefined) return;
    this.#typed = '';
    try {
      const stake = await describeExposure(this.#client, name);
      this.#question = key === 'h' ? this.#haltQuestion(name, stake) : this.#stopQuestion(name, stake);
    } catch (error) {
      this.#message = [wordsOf(error)];
    }
  }

  #haltQuestion(name: string, stake: readonly string[]): Question {
    return {
      text: [
        `This halts ${name} and cancels its working entries and waiting stack layers. Blocked is ${BLOCKED}.`,
        ...stake,
        'Type the reason and press Enter; Escape leaves it as it is.',
      ],
      act: async (reason) => {
        const body = { reason };
        const { text } = await outcomeOf(this.#client, strategyPath(name, 'halt'), { body, deadlineMs: ACT_MS });
        return haltedLines(name, parseExact<HaltResult>(text));
      },
    };
  }

  #stopQuestion(name: string, stake: readonly string[]): Question {
    return {
      text: [
        `This stops ${name} and cancels its working orders.`,
        ...stake,
        'Type stop to leave its positions open, flatten to close them, and press Enter; Escape leaves it as it is.',
      ],
      act: async (word) => {
        if (word !== 'stop' && word !== 'flatten') return ['Nothing was done.'];
        const query = { flatten: word === 'flatten', timeoutMs: ACT_MS };
        const { text } = await outcomeOf(this.#client, strategyPath(name, 'stop'), { query, deadlineMs: ACT_MS });
        return stoppedLines(name, parseExact<StopResult>(text));
      },
    };
  }

  async #answer(name: string, character: string): Promise<void> {
    const question = this.#question!;
    if (name === 'escape') {
      this.#question = undefined;
      this.#message = ['Nothing was done.'];
    } else if (name === 'backspace') this.#typed = this.#typed.slice(0, -1);
    else if (name === 'return') {
      this.#question = undefined;
      const answer = this.#typed.trim();
      this.#message = answer === '' ? ['Nothing was done.'] : ['Under way.'];
      this.#changed();
      if (answer === '') return;
      this.#message = await question.act(answer).catch((error: unknown) => [wordsOf(error)]);
      await this.look();
    } else if (/^[^\p{Cc}]$/u.test(character)) this.#typed += character;
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
