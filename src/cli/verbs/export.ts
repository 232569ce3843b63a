/** `qkt export <name>`: all trades or trading events that are kept of a strategy, as CSV or NDJSON. */
import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { rename, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { toJson } from '../../domain/json.ts';
import { EXPORT_FORMATS, EXPORTS, type ExportFormat, type ExportKind } from '../../domain/ports.ts';
import { QktError } from '../../errors.ts';
import { clientOf, strategyPath } from '../client.ts';
import { oneOf, withCommonOptions, type CommonOptions } from '../options.ts';
import { print } from '../output.ts';
import { plural } from '../words.ts';

interface ExportOptions extends CommonOptions {
  readonly format?: ExportFormat;
  readonly what: ExportKind;
  readonly out?: string;
}

export function define(command: Command): void {
  withCommonOptions(command)
    .argument('<name>', 'a strategy, deployed or removed')
    .option('--format <format>', 'csv or ndjson (default: csv; with --json ndjson)', oneOf(...EXPORT_FORMATS))
    .option('--what <what>', 'trades or events', oneOf(...EXPORTS), 'trades')
    .option('--out <file>', 'into a file, which appears once it is complete')
    .action(exportOf);
}

async function exportOf(name: string, options: ExportOptions): Promise<void> {
  const { what, out, json } = options;
  const format = options.format ?? (json === true ? 'ndjson' : 'csv');
  const stream = await clientOf(options).stream(strategyPath(name, 'export'), { format, what });
  if (out === undefined) {
    await copy(stream, process.stdout);
    return;
  }
  const file = resolve(out);
  const bytes = await save(stream, file);
  if (json === true) print(toJson({ strategy: name, what, format, file, bytes }));
  else print(`${what} of ${name} are in ${file}: ${plural(bytes, 'byte')}`);
}

/** @throws QktError QKT_E_FILE, QKT_E_NO_DAEMON; what was there before stays then. */
async function save(stream: IncomingMessage, file: string): Promise<number> {
  const part = `${file}.${process.pid}.part`;
  try {
    await copy(stream, createWriteStream(part, { mode: 0o600 }));
    const { size } = await stat(part);
    await rename(part, file);
    return size;
  } catch (error) {
    await rm(part, { force: true });
    throw error instanceof QktError
      ? error
      : new QktError('QKT_E_FILE', `${file} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}

async function copy(stream: IncomingMessage, to: NodeJS.WritableStream): Promise<void> {
  try {
    await pipeline(stream, to, { end: to !== process.stdout });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ECONNRESET' && code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    throw new QktError('QKT_E_NO_DAEMON', 'the daemon cut the export: it is not complete', { cause: error });
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
