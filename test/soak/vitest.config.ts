import { defineConfig } from 'vitest/config';

const conditions = ['source', 'import', 'node', 'default'];

/** `npm run soak`: what needs real time or many rounds. Not part of `npm test`. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['test/soak/**/*.soak.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 3_600_000,
    hookTimeout: 120_000,
  },
});
