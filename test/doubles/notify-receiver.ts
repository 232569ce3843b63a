/** systemd's end of NOTIFY_SOCKET. Node has no datagram sockets of unix, so Python listens. */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryDir } from '../cli/support.ts';
import { poll } from './daemon.ts';

const LISTEN = `
import json, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('[]', flush=True)
while True:
    print(json.dumps(s.recv(65536).decode().strip().split('\\n')), flush=True)
`;

/** Whether there is what these tests need. */
export const canNotify = ['systemd-notify --version', 'python3 --version'].every(
  (line) => spawnSync(line, { shell: true }).status === 0,
);

export class NotifyReceiver {
  readonly path = join(temporaryDir(), 'notify');
  /** Each message as its lines, in order. */
  readonly messages: (readonly string[])[] = [];

  /** Listens until its test ends. */
  static async listen(): Promise<NotifyReceiver> {
    const receiver = new NotifyReceiver();
    const child = spawn('python3', ['-c', LISTEN, receiver.path], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    let text = '';
    let listens = false;
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = `${text}${chunk}`.split('\n');
      text = lines.pop()!;
      for (const line of lines) {
        const message = JSON.parse(line) as string[];
        // systemd-notify's own question whether all has been read.
        if (listens && message[0] !== 'BARRIER=1') receiver.messages.push(message);
        listens = true;
      }
    });
    await poll('the receiver listens', () => (listens ? true : undefined));
    return receiver;
  }

  /** What has been said with the first line of each message, in order. */
  get words(): readonly string[] {
    return this.messages.map(([first]) => first!);
  }

  heard(word: string, times = 1): Promise<true> {
    const said = (): number => this.words.filter((each) => each === word).length;
    return poll(`${times} × ${word}`, () => (said() >= times ? true : undefined), 20_000);
  }
}
