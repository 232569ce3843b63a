/** From a stack in the compiled module back to the author's file, line and column. */
import { dirname, posix, resolve } from 'node:path';
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import type { Location } from '../errors.ts';
import type { WireError } from './protocol.ts';
import { locateMember, type SourceFile } from './source.ts';

export interface MappedError {
  readonly message: string;
  /** Always the author's file; line and column where they are known. */
  readonly location: Location;
}

interface Compiled {
  readonly moduleUrl: string;
  /** Source map text, and the path of the author's file that its sources are relative to. */
  readonly map: string;
  readonly source: SourceFile;
}

export function errorMapper({ moduleUrl, map, source }: Compiled): (wire: WireError) => MappedError {
  let trace: TraceMap | undefined;
  // Its name, which ends in a hash of its content, is enough: some loaders show a path for the URL.
  const frame = new RegExp(`${escaped(posix.basename(moduleUrl))}(?:\\?[\\w=&]*)?:(\\d+)(?::(\\d+))?`, 'g');

  /** The innermost frame that lies in a file of the author's. */
  const locateStack = (stack: string): Location | undefined => {
    trace ??= new TraceMap(map);
    for (const [, line, column] of stack.matchAll(frame)) {
      const found = originalPositionFor(trace, { line: Number(line), column: Number(column ?? 1) - 1 });
      if (found.source === null || found.source.startsWith('qkt:')) continue;
      const file = resolve(dirname(source.file), found.source);
      return { file, line: found.line, column: found.column + 1 };
    }
    return undefined;
  };

  const locate = ({ stack, anchor }: WireError): Location => {
    const called = locateStack(stack);
    if (anchor === undefined || (called !== undefined && called.file !== source.file))
      return called ?? { file: source.file };
    const member = locateMember(source, anchor, called);
    return member.line === undefined ? (called ?? member) : member;
  };

  return (wire) => ({ message: wire.message, location: locate(wire) });
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
