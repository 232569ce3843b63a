/** Which values of a configuration are secrets, and that those of channels are not written into the file itself. */
import type { ConfigProblem } from './problems.ts';
import type { YamlLayer } from './read-yaml.ts';

/** That there is one may be seen, what it is may not; the address of a webhook often is one. */
const SECRET = /^(venues\.[^.]+\.apiKey|alerts\.channels\.[^.]+\.(url|token|bearer|password))$/;

/** Of these channels the address itself lets anybody in. */
const ADDRESS_IS_SECRET: ReadonlySet<unknown> = new Set(['slack', 'deadman']);

/** @param path of a value, key by key */
export const isSecret = (path: readonly string[]): boolean => SECRET.test(path.join('.'));

/** An address with `instead` in the place of a name and password in it; any other text as it is. */
export function hideLogin(text: string, instead = '***'): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  if (url.username === '' && url.password === '') return text;
  url.username = instead;
  url.password = '';
  return url.href;
}

/** A file is copied, shown and checked in: what lets a stranger speak for us comes from the environment, or a file of its own. */
export function plainSecrets({ tree, values, fromEnvironment }: YamlLayer): readonly ConfigProblem[] {
  const alerts = tree['alerts'] as
    { readonly channels?: Readonly<Record<string, Readonly<Record<string, unknown>>>> } | undefined;
  return Object.entries(alerts?.channels ?? {}).flatMap(([name, channel]) =>
    Object.keys(channel).flatMap((key) => {
      const pointer = `/alerts/channels/${name}/${key}`;
      if (!isSecret(['alerts', 'channels', name, key]) || fromEnvironment.has(pointer)) return [];
      if (key === 'url' && !ADDRESS_IS_SECRET.has(channel['type'])) return [];
      const detail = `"${key}" is a secret: write it as "\${VARIABLE}", or name its file with "${key}File"`;
      return [{ ...(values.get(pointer) ?? { line: 1, column: 1 }), detail }];
    }),
  );
}
