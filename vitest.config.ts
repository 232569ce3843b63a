import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { alias: { qkt: new URL('./src/worker/api.ts', import.meta.url).pathname } },
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    sequence: { shuffle: true },
  },
});
