/** Which methods each path takes, for `405` and its `Allow`. */

interface PathMethods {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

export class AllowedMethods {
  readonly #paths = new Map<string, PathMethods>();

  /** @param url a route as Fastify writes it: `/daemon/strategies/:name/stop` */
  add(url: string, methods: string | readonly string[]): void {
    let entry = this.#paths.get(url);
    if (entry === undefined) {
      const source = url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+');
      entry = { pattern: new RegExp(`^${source}$`), methods: new Set() };
      this.#paths.set(url, entry);
    }
    for (const method of [methods].flat()) entry.methods.add(method);
  }

  /** Sorted; empty when nothing is at that path. */
  of(path: string): readonly string[] {
    const found = [...this.#paths.values()].filter(({ pattern }) => pattern.test(path));
    return [...new Set(found.flatMap(({ methods }) => [...methods]))].toSorted();
  }
}
