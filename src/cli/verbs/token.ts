/** `qkt token add|list|revoke`: named tokens for programs that read or command the daemon. Needs no daemon. */
import { mkdirSync } from 'node:fs';
import { Option, type Command } from 'commander';
import { toJson } from '../../domain/json.ts';
import { SCOPES, type Scope } from '../../http/scopes.ts';
import type { TokenStore } from '../../http/tokens.ts';
import { stateDirOf, withCommonOptions, withVerbsBelow, type CommonOptions } from '../options.ts';
import { note, print } from '../output.ts';
import { printTable } from '../table.ts';

export function define(command: Command): void {
  withVerbsBelow(command);
  withCommonOptions(command.command('add').description('make a token and print it, this once'))
    .argument('<name>', 'who will use it: this is the "who" of what it does')
    .addOption(new Option('--scope <scope>', 'what it may do').choices(SCOPES).makeOptionMandatory())
    .action(add);
  withCommonOptions(command.command('list').description('names and scopes; never a token itself')).action(list);
  withCommonOptions(command.command('revoke').description('make a token worthless, at once'))
    .argument('<name>', 'a name of qkt token list')
    .action(revoke);
}

async function store(options: CommonOptions): Promise<TokenStore> {
  const { TokenStore } = await import('../../http/tokens.ts');
  const { WallClock } = await import('../../clock.ts');
  const stateDir = stateDirOf(options);
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  return new TokenStore(stateDir, new WallClock());
}

async function add(name: string, options: CommonOptions & { readonly scope: Scope }): Promise<void> {
  const token = (await store(options)).add(name, options.scope);
  if (options.json === true) print(toJson({ name, scope: options.scope, token }));
  else {
    print(token);
    note(`This is the only time that the token of ${name} is shown.`);
  }
}

async function list(options: CommonOptions): Promise<void> {
  const rows = (await store(options)).list();
  if (options.json === true) {
    print(toJson(rows));
    return;
  }
  await printTable(
    [
      { title: 'NAME', cell: ({ name }) => name },
      { title: 'SCOPE', cell: ({ scope }) => scope },
      { title: 'CREATED', cell: ({ createdAt }) => createdAt ?? 'with the state directory' },
    ],
    rows,
  );
}

async function revoke(name: string, options: CommonOptions): Promise<void> {
  (await store(options)).revoke(name);
  if (options.json === true) print(toJson({ name, revoked: true }));
  else print(`The token of ${name} is revoked.`);
}
