/**
 * Keys and records as bytes. A record is a checksum and a msgpack value; the checksum covers the key
 * too, so a record in another's place is as unreadable as a changed one.
 */
import { crc32 } from 'node:zlib';
import { Packr } from 'msgpackr';
import { QktError } from '../errors.ts';

/** Every record explains itself: no table of shapes whose loss would make all unreadable. */
const packr = new Packr({ useRecords: false, variableMapSize: true });

const CHECKSUM_BYTES = 4;

/** Key of a row that has a name. */
export function textKey(name: string): Buffer {
  if (name === '' || name.length > 200 || name.includes('\0'))
    throw new QktError('QKT_E_STRATEGY_NAME', `${JSON.stringify(name)} cannot be a key of the journal`);
  return Buffer.from(name);
}

/** Key of a row in a sequence; sorts by number. */
export function numberKey(n: number): Buffer {
  const key = Buffer.allocUnsafe(8);
  key.writeBigUInt64BE(BigInt(n));
  return key;
}

/** Key of a strategy's event; sorts by strategy, then by `journalSeq`. */
export function eventKey(strategy: string, journalSeq: number): Buffer {
  return Buffer.concat([textKey(strategy), SEPARATOR, numberKey(journalSeq)]);
}
const SEPARATOR = Buffer.from([0]);

/** The strategy that an event's key speaks of. */
export function ownerOf(key: Buffer): string {
  return key.toString('latin1', 0, key.indexOf(0));
}

/** A value as bytes of its own, to be put into records as often as wanted. @throws Error when it is not plain data. */
export function packed(value: unknown): Uint8Array {
  // The packer shares its buffer between calls; a small `Buffer` would hold on to a page of Node's pool.
  return new Uint8Array(packr.pack(value));
}

/** The opposite of {@link packed}. */
export function unpacked(bytes: Uint8Array): unknown {
  return packr.unpack(bytes);
}

/** @throws Error when the value is not plain data. */
export function encodeRecord(key: Uint8Array, value: unknown): Buffer {
  const body = packr.pack(value);
  // The packer shares its buffer between calls.
  const record = Buffer.allocUnsafe(CHECKSUM_BYTES + body.length);
  body.copy(record, CHECKSUM_BYTES);
  record.writeUInt32LE(checksum(key, body), 0);
  return record;
}

/** @throws QktError QKT_E_JOURNAL_DAMAGED when the record is not what was written under this key. */
export function decodeRecord(key: Uint8Array, record: Uint8Array): unknown {
  checkRecord(key, record);
  try {
    return packr.unpack(record.subarray(CHECKSUM_BYTES));
  } catch (error) {
    throw unreadable(key, error);
  }
}

/** The same without decoding. */
export function checkRecord(key: Uint8Array, record: Uint8Array): void {
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  if (bytes.length < CHECKSUM_BYTES || bytes.readUInt32LE(0) !== checksum(key, bytes.subarray(CHECKSUM_BYTES)))
    throw unreadable(key);
}

const checksum = (key: Uint8Array, body: Uint8Array): number => crc32(body, crc32(key));

function unreadable(key: Uint8Array, cause?: unknown): QktError {
  const name = Buffer.from(key)
    .toString('latin1')
    .replaceAll(/[^\w.-]/g, '·');
  return new QktError('QKT_E_JOURNAL_DAMAGED', `the record ${name} cannot be read`, { cause });
}
