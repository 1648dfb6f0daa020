import { defineConfig } from 'tsdown';

/** ESM and CommonJS side by side with their declarations; dependencies stay outside. */
export default defineConfig({
  entry: ['src/index.ts', 'src/metrics-middleware.ts'],
  format: ['esm', 'cjs'],
  platform: 'node',
  target: 'node20.19',
  dts: true,
  sourcemap: true,
  fixedExtension: false,
});
