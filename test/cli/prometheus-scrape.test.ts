import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { qkt, temporaryDir } from './support.ts';

interface Job {
  readonly job_name: string;
  readonly honor_labels?: boolean;
  readonly authorization?: unknown;
  readonly static_configs?: unknown;
  readonly http_sd_configs?: readonly Record<string, unknown>[];
}

async function printed(config: string, ...args: readonly string[]): Promise<readonly Job[]> {
  const dir = temporaryDir();
  const file = join(dir, 'qkt.config.yaml');
  writeFileSync(file, config);
  const state = ['--state-dir', join(dir, 'state')];
  const { code, stdout, stderr } = await qkt(['monitoring', 'prometheus-scrape', '--config', file, ...state, ...args]);
  expect([code, stderr]).toEqual([0, '']);
  return (parse(stdout) as { scrape_configs: Job[] }).scrape_configs;
}

describe('qkt monitoring prometheus-scrape', () => {
  it('prints a job for the daemon and one for its strategies, where the configuration says that it listens', async () => {
    const [daemon, strategies] = await printed('http: { controlPort: 47999 }');
    expect(daemon).toEqual({
      job_name: 'qkt',
      metrics_path: '/daemon/metrics',
      static_configs: [{ targets: ['127.0.0.1:47999'] }],
    });
    expect(strategies).toEqual({
      job_name: 'qkt-strategies',
      honor_labels: true,
      http_sd_configs: [{ url: 'http://127.0.0.1:47999/daemon/sd', refresh_interval: '5s' }],
    });
  });

  it('names a file with a token wherever reading needs one', async () => {
    const jobs = await printed('http: { bind: 0.0.0.0, allowedHosts: [box.example] }');
    const authorization = { credentials_file: '/etc/prometheus/qkt.token' };
    expect(jobs.map((job) => job.authorization)).toEqual([authorization, authorization]);
    expect(jobs[1]!.http_sd_configs![0]).toMatchObject({ url: 'http://box.example:47101/daemon/sd', authorization });
    const own = await printed('http: { bind: "::1" }', '--token-file', '/run/a token');
    expect(own[0]).toMatchObject({
      authorization: { credentials_file: '/run/a token' },
      static_configs: [{ targets: ['[::1]:47101'] }],
    });
  });

  it('says that it cannot know the port of a daemon that takes any', async () => {
    const dir = temporaryDir();
    writeFileSync(join(dir, 'qkt.config.yaml'), 'http: { controlPort: 0 }');
    const { code, stderr } = await qkt(['monitoring', 'prometheus-scrape', '--state-dir', join(dir, 's')], {
      cwd: dir,
    });
    expect(code).toBe(3);
    expect(stderr).toContain('the control port is any free one');
  });
});
