/** `qkt doctor`: what the daemon asks of the machine: its Node, its clock, its limits. */
import { readFileSync } from 'node:fs';
import { fail, warn, well, type Ailment } from './doctor-findings.ts';
import { duration } from './words.ts';

const LEAST_NODE = [20, 19] as const;
/** A port each for many strategies, their readers, their logs. */
const FILES_WANTED = 4096;
const FILES_NEEDED = 256;
const WATCHED_MS = 300;
/** Gained or lost against the time that never jumps, while it was watched. */
const JUMP_MS = 20;
const FIRST_YEAR = 2025;
const LAST_YEAR = 2100;

/** @param version such as `20.19.0` */
export function nodeFinding(version: string): Ailment {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isNew = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  const figure = `${version}, at least ${LEAST_NODE.join('.')} is needed`;
  return isNew ? well('Node', version) : fail('Node', figure, 'nvm install 22');
}

/** The limit on open files of this shell, which a daemon that it starts inherits. @param limits as /proc has them */
export function filesFinding(limits: string | undefined = ownLimits()): Ailment {
  const text = /^Max open files\s+(\S+)/m.exec(limits ?? '')?.[1];
  if (text === undefined) return well('open files', 'the system does not say');
  const most = text === 'unlimited' ? Infinity : Number(text);
  if (most >= FILES_WANTED) return well('open files', `at most ${text}`);
  const finding = most < FILES_NEEDED ? fail : warn;
  return finding(
    'open files',
    `at most ${text}; ${FILES_WANTED} are enough for a hundred strategies`,
    'ulimit -n 65536',
  );
}

function ownLimits(): string | undefined {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return undefined;
  }
}

/** Two readings of the time of day and of the time that never jumps, in milliseconds. */
export interface ClockReadings {
  readonly wall: readonly [number, number];
  readonly steady: readonly [number, number];
}

export async function readClocks(): Promise<ClockReadings> {
  const [wall, steady] = [Date.now(), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, WATCHED_MS));
  return { wall: [wall, Date.now()], steady: [steady, performance.now()] };
}

/** How far it is from the true time cannot be measured without asking another machine. */
export function clockFinding({ wall, steady }: ClockReadings): Ailment {
  const mend = 'sudo timedatectl set-ntp true';
  const year = new Date(wall[1]).getUTCFullYear();
  if (year < FIRST_YEAR || year > LAST_YEAR) return fail('clock', `it is the year ${year}`, mend);
  const byMs = wall[1] - wall[0] - (steady[1] - steady[0]);
  const figure = `${new Date(wall[1]).toISOString()}, moved by ${byMs.toFixed(1)} ms in ${duration(steady[1] - steady[0])}`;
  return Math.abs(byMs) > JUMP_MS ? warn('clock', figure, 'timedatectl timesync-status') : well('clock', figure);
}

/** Sessions and days are told in these zones. */
export function zonesFinding(zones: readonly string[]): Ailment {
  const unknown = zones.filter((zone) => !isKnown(zone));
  const names = [...zones].toSorted().join(', ');
  if (unknown.length === 0) return well('time zones', `${names}: data ${process.versions.tz ?? 'of the system'}`);
  return fail('time zones', `there is no data on ${unknown.join(', ')}`, 'nvm install 22');
}

function isKnown(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).format(0) !== '';
  } catch {
    return false;
  }
}
