/**
 * Checks the structure of an LMDB data file before LMDB maps it: LMDB trusts its file, so that a page
 * number gone wrong would end the process instead of being reported. Reads the pages itself and follows the
 * trees as LMDB would: every page where it belongs, every node inside its page, keys in order.
 *
 * Offsets are those of the LMDB that lmdb-js carries (data version 2, 24 byte page header).
 */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';

const PAGE_HEADER = 24;
const NODE_HEADER = 8;
const META_BYTES = 144;
const MAGIC = 0xbeefc0de;
const DATA_VERSION = 2;
const BRANCH = 0x01;
const LEAF = 0x02;
const OVERFLOW = 0x04;
const META = 0x08;
const BIG_DATA = 0x01;
const SUB_TREE = 0x02;
/** The latest meta page may be of a transaction that was not flushed yet. */
const NOT_FLUSHED = 0x1000;
const NO_PAGE = 2n ** 64n - 1n;

export interface PageCheck {
  /** Whether to read a leaf page of a tree; left out, all are read. Its keys are at least `low` and below `high`. */
  readonly wanted?: (tree: Tree, low: Buffer | undefined, high: Buffer | undefined) => boolean;
  /** The trees to walk before all others. */
  readonly first: readonly string[];
  /** All that there may be: the records of one whose name has changed would be there for nobody. */
  readonly trees: readonly string[];
  /** Every record of every tree that was walked; may throw. */
  readonly onRecord: (tree: string, key: Buffer, value: Buffer) => void;
}

/** The file is not a sound LMDB file; the message says what and where. */
export class PageDamage extends Error {}

export interface Tree {
  readonly name: string;
  readonly depth: number;
  readonly leafPages: bigint;
  readonly entries: bigint;
  readonly root: bigint;
}

interface Meta {
  readonly pageSize: number;
  readonly notFlushed: boolean;
  readonly free: Tree;
  readonly main: Tree;
  readonly lastPage: number;
  readonly txn: bigint;
  readonly bootId: bigint;
  /** The figures that two meta pages of one transaction have in common. */
  readonly content: string;
}

/** @throws PageDamage; what `onRecord` throws; the system's error when the file cannot be read. */
export function checkPages(file: string, check: PageCheck): void {
  const fd = openSync(file, 'r');
  try {
    new Walk(fd, check).run();
  } finally {
    closeSync(fd);
  }
}

class Walk {
  readonly #fd: number;
  readonly #check: PageCheck;
  readonly #meta: Meta;
  readonly #pagesInFile: number;
  readonly #seen: Uint8Array;
  readonly #subTrees: Tree[] = [];
  #skipped = 0;
  #entries = 0n;

  constructor(fd: number, check: PageCheck) {
    this.#fd = fd;
    this.#check = check;
    this.#meta = readMeta(fd);
    this.#pagesInFile = Math.floor(fstatSync(fd).size / this.#meta.pageSize);
    this.#seen = new Uint8Array(this.#meta.lastPage + 1);
  }

  run(): void {
    this.#tree(this.#meta.main);
    const rank = (tree: Tree): number => (this.#check.first.includes(tree.name) ? 0 : 1);
    for (const tree of this.#subTrees.toSorted((a, b) => rank(a) - rank(b))) {
      if (!this.#check.trees.includes(tree.name)) throw damage(`${JSON.stringify(tree.name)} is no table of a journal`);
      this.#tree(tree);
    }
    this.#tree(this.#meta.free);
  }

  #tree(tree: Tree): void {
    this.#entries = 0n;
    const skippedBefore = this.#skipped;
    if (tree.root === NO_PAGE) {
      if (tree.entries !== 0n || tree.depth !== 0) throw damage(`${tree.name} has entries but no pages`);
      return;
    }
    if (tree.depth < 1 || tree.depth > 32) throw damage(`${tree.name} has a depth of ${tree.depth}`);
    this.#visit(tree, tree.root, tree.depth, undefined, undefined);
    if (this.#skipped === skippedBefore && this.#entries !== tree.entries)
      throw damage(`${tree.name} should have ${tree.entries} entries, and has ${this.#entries}`);
  }

  /** Keys under this page are at least `low` and below `high`. */
  #visit(tree: Tree, pgno: bigint, depth: number, low: Buffer | undefined, high: Buffer | undefined): void {
    if (depth === 1 && this.#check.wanted?.(tree, low, high) === false) {
      this.#mark(Number(pgno), 1);
      this.#skipped++;
      return;
    }
    const page = this.#page(pgno, depth === 1 ? LEAF : BRANCH);
    const nodes = nodesOf(page, pgno);
    inOrder(tree, nodes, depth === 1, low, high, pgno, this.#meta.free);
    if (depth === 1) {
      for (const node of nodes) this.#leafNode(tree, page, node, pgno);
      return;
    }
    for (let i = nodes.length - 1; i >= 0; i--) {
      const { at, key } = nodes[i]!;
      const child = BigInt(page.readUInt32LE(at)) | (BigInt(page.readUInt16LE(at + 4)) << 32n);
      this.#visit(tree, child, depth - 1, i === 0 ? low : key, nodes[i + 1]?.key ?? high);
    }
  }

  #leafNode(tree: Tree, page: Buffer, node: Node, pgno: bigint): void {
    this.#entries++;
    const size = page.readUInt32LE(node.at);
    const flags = page.readUInt16LE(node.at + 4);
    const start = node.at + NODE_HEADER + node.key.length;
    if (flags === BIG_DATA) {
      if (start + 24 > page.length) throw damage(`page ${pgno} has a node that leaves it`);
      return this.#record(tree, node.key, this.#overflow(page.readBigUInt64LE(start), size));
    }
    if (start + size > page.length) throw damage(`page ${pgno} has a node that leaves it`);
    const value = page.subarray(start, start + size);
    if (flags === 0) return this.#record(tree, node.key, value);
    if (flags !== SUB_TREE || tree !== this.#meta.main || size !== 48)
      throw damage(`page ${pgno} has a node of an unknown kind`);
    this.#subTrees.push(readTree(value, 0, node.key.toString('latin1').replace(/\0$/, '')));
  }

  #record(tree: Tree, key: Buffer, value: Buffer): void {
    if (tree === this.#meta.free) this.#freePages(value);
    else this.#check.onRecord(tree.name, key, value);
  }

  /** A count, then page numbers: 0 is none, a negative number is the length of the run that follows. */
  #freePages(list: Buffer): void {
    const count = list.length < 8 ? -1n : list.readBigInt64LE(0);
    if (count < 0n || 8n * (count + 1n) > list.length) throw damage('the free list is not one');
    for (let i = 8; i <= 8 * Number(count); i += 8) {
      const entry = list.readBigInt64LE(i);
      if (entry === 0n) continue;
      if (entry < 0n && i === 8 * Number(count)) throw damage('the free list ends within a run');
      const start = entry > 0n ? entry : list.readBigInt64LE((i += 8));
      this.#mark(Number(start), entry > 0n ? 1 : Number(-entry));
    }
  }

  #overflow(pgno: bigint, size: number): Buffer {
    const { pageSize } = this.#meta;
    const count = Math.floor((PAGE_HEADER - 1 + size) / pageSize) + 1;
    const pages = this.#page(pgno, OVERFLOW, count);
    // All that it claims is freed with it.
    const claimed = pages.readUInt32LE(20);
    if (claimed < count) throw damage(`page ${pgno} is shorter than its record`);
    if (claimed > count) this.#mark(Number(pgno) + count, claimed - count);
    return pages.subarray(PAGE_HEADER, PAGE_HEADER + size);
  }

  /** Every page belongs to one tree or is free. */
  #mark(start: number, count: number): void {
    if (start < 2 || start + count - 1 > this.#meta.lastPage) throw damage(`page ${start} does not exist`);
    for (let n = start; n < start + count; n++) {
      if (this.#seen[n] === 1) throw damage(`page ${n} is used twice`);
      this.#seen[n] = 1;
    }
  }

  #page(pgno: bigint, kind: number, count = 1): Buffer {
    const { pageSize } = this.#meta;
    const n = Number(pgno);
    this.#mark(n, count);
    if (n + count > this.#pagesInFile) throw damage(`page ${pgno} lies beyond the end of the file: it was cut short`);
    const page = readAt(this.#fd, n * pageSize, count * pageSize);
    if (page.readBigUInt64LE(0) !== pgno || page.readUInt16LE(18) !== kind)
      throw damage(`page ${pgno} is not what it should be`);
    // LMDB would take it for one that the transaction under way has in memory, and write to the file's map.
    if (page.readBigUInt64LE(8) > this.#meta.txn) throw damage(`page ${pgno} is of a transaction that was never made`);
    return page;
  }
}

interface Node {
  readonly at: number;
  readonly key: Buffer;
}

function nodesOf(page: Buffer, pgno: bigint): readonly Node[] {
  const lower = page.readUInt16LE(20);
  const upper = page.readUInt16LE(22);
  if (lower === 0 || lower % 2 !== 0 || lower > upper || PAGE_HEADER + upper > page.length)
    throw damage(`page ${pgno} has impossible bounds`);
  const nodes: Node[] = [];
  for (let i = 0; i < lower / 2; i++) {
    const offset = page.readUInt16LE(PAGE_HEADER + 2 * i);
    const at = PAGE_HEADER + offset;
    if (offset < upper || at + NODE_HEADER > page.length) throw damage(`page ${pgno} has a node that leaves it`);
    const keyEnd = at + NODE_HEADER + page.readUInt16LE(at + 6);
    if (keyEnd > page.length) throw damage(`page ${pgno} has a key that leaves it`);
    nodes.push({ at, key: page.subarray(at + NODE_HEADER, keyEnd) });
  }
  return nodes;
}

function inOrder(
  tree: Tree,
  nodes: readonly Node[],
  isLeaf: boolean,
  low: Buffer | undefined,
  high: Buffer | undefined,
  pgno: bigint,
  freeTree: Tree,
): void {
  // The free tree has numbers in the machine's byte order as keys.
  const comparable = (key: Buffer): Buffer => (tree === freeTree ? Buffer.from(key.toReversed()) : key);
  // The first key of a branch page stands for everything below the second; LMDB leaves it empty.
  let before: Buffer | undefined;
  for (const [i, { key }] of nodes.entries()) {
    if (!isLeaf && i === 0) continue;
    const now = comparable(key);
    const unordered = before !== undefined && before.compare(now) >= 0;
    if (key.length === 0 || unordered || (low !== undefined && comparable(low).compare(now) > 0))
      throw damage(`the keys of page ${pgno} are out of order`);
    before = now;
  }
  if (before !== undefined && high !== undefined && comparable(high).compare(before) <= 0)
    throw damage(`the keys of page ${pgno} are out of order`);
}

/** The meta page that LMDB will go by. Three are written: two in turn, and one for what is flushed. */
function readMeta(fd: number): Meta {
  const first = metaAt(fd, 0, 0);
  const second = metaAt(fd, first.pageSize, 1);
  const flushed = metaAt(fd, first.pageSize / 2, undefined);
  agree(first, second, flushed);
  const bootId = ownBootId();
  return pick(pick(first, second, bootId), flushed, bootId);
}

/** Meta pages carry no checksum, but one that was changed no longer fits the others. */
function agree(first: Meta, second: Meta, flushed: Meta): void {
  const [older, newer] = first.txn < second.txn ? [first, second] : [second, first];
  // In a new file or a copy, one was never written.
  const inTurn = older.txn === 0n || first.bootId !== second.bootId || newer.txn - older.txn === 1n;
  const twin = [first, second].find(({ txn }) => txn === flushed.txn);
  const same = flushed.txn === 0n || twin === undefined || twin.content === flushed.content;
  if (!inTurn || !same || flushed.txn > newer.txn || first.pageSize !== second.pageSize || newer.lastPage < 1)
    throw damage('the meta pages contradict each other');
}

/** LMDB's own rule: the newest, unless it was not flushed before the machine was started anew. */
function pick(a: Meta, b: Meta, bootId: bigint): Meta {
  if (b.txn === 0n) return a;
  const latest = a.txn >= b.txn ? a : b;
  if ((latest.bootId !== 0n && latest.bootId === bootId) || !latest.notFlushed) return latest;
  return a.txn > b.txn ? b : a;
}

/** `page` is the number of the meta page; the one for what is flushed has none, and nothing but the figures. */
function metaAt(fd: number, offset: number, page: number | undefined): Meta {
  const bytes = readAt(fd, offset, PAGE_HEADER + META_BYTES);
  const meta = bytes.subarray(PAGE_HEADER);
  const pageSize = meta.readUInt32LE(24);
  if (page !== undefined) {
    if (meta.readUInt32LE(0) !== MAGIC || (bytes.readUInt16LE(18) & META) === 0 || bytes.readUInt32LE(0) !== page)
      throw damage('the file does not begin as an LMDB file does');
    if ((meta.readUInt32LE(4) & 0xffff) !== DATA_VERSION) throw damage('the file is of another version of LMDB');
    if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0)
      throw damage(`the file claims pages of ${pageSize} bytes`);
  }
  const lastPage = meta.readBigUInt64LE(120);
  if (lastPage > 2n ** 32n) throw damage('the file claims more pages than a file can have');
  return {
    pageSize,
    notFlushed: (meta.readUInt16LE(28) & NOT_FLUSHED) !== 0,
    free: readTree(meta, 24, 'the free list'),
    main: readTree(meta, 72, 'the main tree'),
    lastPage: Number(lastPage),
    txn: meta.readBigUInt64LE(128),
    bootId: meta.readBigInt64LE(136),
    content: meta.toString('latin1', 30, 128),
  };
}

function readTree(bytes: Buffer, at: number, name: string): Tree {
  return {
    name,
    depth: bytes.readUInt16LE(at + 6),
    leafPages: bytes.readBigUInt64LE(at + 16),
    entries: bytes.readBigUInt64LE(at + 32),
    root: bytes.readBigUInt64LE(at + 40),
  };
}

/** As LMDB reads it: the hexadecimal digits before the first dash. 0 where there is none. */
function ownBootId(): bigint {
  try {
    const [digits] = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').split('-');
    return BigInt(`0x${digits}`);
  } catch {
    return 0n;
  }
}

function readAt(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  if (readSync(fd, bytes, 0, length, position) < length) throw damage('the file was cut short');
  return bytes;
}

const damage = (detail: string): PageDamage => new PageDamage(detail);
