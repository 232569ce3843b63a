/** The dashboard's files as the build has left them in `dist/web`, read once, each with its compressed forms. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { IncomingHttpHeaders } from 'node:http';

const FOLDER = new URL('../../dist/web/', import.meta.url);
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
};
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

export interface PageFile {
  readonly type: string;
  readonly plain: Buffer;
  /** By the name of the content coding, the smallest first. */
  readonly encoded: ReadonlyMap<string, Buffer>;
}

/** By file name; empty where the page has not been built. */
export function readPageFiles(folder: URL = FOLDER): ReadonlyMap<string, PageFile> {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    return new Map();
  }
  const read = (name: string): Buffer => readFileSync(new URL(name, folder));
  return new Map(
    names.flatMap((name): [string, PageFile][] => {
      const type = TYPES[extname(name)];
      if (type === undefined) return [];
      const encoded = ENCODINGS.filter(([, suffix]) => names.includes(name + suffix));
      return [
        [name, { type, plain: read(name), encoded: new Map(encoded.map(([is, suffix]) => [is, read(name + suffix)])) }],
      ];
    }),
  );
}

/** The smallest form that a client takes. */
export function formFor(
  { plain, encoded }: PageFile,
  headers: IncomingHttpHeaders,
): { readonly body: Buffer; readonly encoding: string | undefined } {
  const accepted = (headers['accept-encoding'] ?? '')
    .toLowerCase()
    .split(',')
    .filter((part) => !/;\s*q=0(?:\.0*)?\s*$/.test(part))
    .map((part) => part.split(';')[0]!.trim());
  for (const [encoding, body] of encoded) if (accepted.includes(encoding)) return { body, encoding };
  return { body: plain, encoding: undefined };
}
