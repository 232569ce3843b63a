/** Log lines as they come, over cuts and restarts of the daemon: each once, from where the last one was read. */
import { DaemonClient, type Query } from './client.ts';
import { note } from './output.ts';
import { linesOf, stayConnected, writeLine } from './stay-connected.ts';

/** As many as one answer holds. */
const MOST_LINES = 10_000;

/** Goes on until it is interrupted. @throws DaemonRefusal when the daemon goes on refusing. */
export async function followLogs(stateDir: string, path: string, query: Query): Promise<never> {
  const place = new Place();
  let first = true;
  return stayConnected(async (connected) => {
    const asked = first ? query : { ...query, lines: MOST_LINES, since: place.resume() };
    // With a client of its own: a daemon that came back may be somewhere else.
    const stream = await new DaemonClient(stateDir).stream(path, { ...asked, follow: true });
    connected();
    first = false;
    for await (const line of linesOf(stream)) if (place.isNew(line)) await writeLine(line);
  });
}

/** Log lines have no number: their time, and which lines of that millisecond were read, say where to go on. */
class Place {
  #time = new Date().toISOString();
  /** Read, and of that time. */
  #read: string[] = [];
  /** What comes again after a cut, until the first line that was not read. */
  #again: string[] | undefined;

  isNew(line: string): boolean {
    if (this.#again !== undefined && this.#comesAgain(line, this.#again)) return false;
    const time = timeOf(line) ?? this.#time;
    if (time !== this.#time) this.#read = [];
    this.#time = time;
    this.#read.push(line);
    return true;
  }

  /** Where to ask from. */
  resume(): string {
    this.#again = [...this.#read];
    return this.#time;
  }

  #comesAgain(line: string, again: string[]): boolean {
    const at = again.indexOf(line);
    if (at !== -1) again.splice(at, 1);
    else {
      if (again.length > 0) note('qkt: more was logged meanwhile than one answer holds; some lines are missing here');
      this.#again = undefined;
    }
    return at !== -1;
  }
}

function timeOf(line: string): string | undefined {
  return /^(?:\{(?:"level":"[a-z]+",)?"time":")?(\d{4}-\d\d-\d\dT[\d:.]{12}Z)/.exec(line)?.[1];
}
