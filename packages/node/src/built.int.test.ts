import { execFile } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const packageRoot = fileURLToPath(new URL('..', import.meta.url));
const bin = (name: string): string =>
  fileURLToPath(new URL(`../../../node_modules/.bin/${name}`, import.meta.url));
/** Without vitest's own conditions, which would lead to the sources. */
const env = { PATH: process.env.PATH, HOME: process.env.HOME, LOG_FILE: 'off' };

let project: string;

/** A project of its own that has the package installed, as it was built last of these sources. */
beforeAll(async () => {
  // Before the project is there: it would lie among what is looked through for changes.
  await run(
    process.execPath,
    [fileURLToPath(new URL('../../../scripts/build.mjs', import.meta.url)), 'sdk'],
    { env },
  );
  project = mkdtempSync(join(packageRoot, '.built-'));
  writeFileSync(join(project, 'package.json'), '{"name":"consumer","private":true}');
  const installed = join(project, 'node_modules', '@pharos', 'node');
  mkdirSync(installed, { recursive: true });
  copyFileSync(join(packageRoot, 'package.json'), join(installed, 'package.json'));
  cpSync(join(packageRoot, 'dist'), join(installed, 'dist'), { recursive: true });
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

const USE = `
  const pharos = createPharos({ service: 'built', propagation: false, logs: { stdout: false } });
  const text = await pharos.registry.metrics();
  await pharos.stop();
  if (!text.includes('# TYPE http_requests_total counter')) throw new Error('no metrics');
  if (typeof metricsMiddleware('built') !== 'function') throw new Error('no middleware');
  console.log('works');
`;

describe('the built package', () => {
  it.each([
    [
      'ES module',
      'use.mjs',
      `import { createPharos } from '@pharos/node';\nimport { metricsMiddleware } from '@pharos/node/metrics-middleware';\n${USE}`,
    ],
    [
      'CommonJS',
      'use.cjs',
      `const { createPharos } = require('@pharos/node');\nconst { metricsMiddleware } = require('@pharos/node/metrics-middleware');\n(async () => {${USE}})();`,
    ],
  ])('works as %s', async (_kind, name, source) => {
    const file = join(project, name);
    writeFileSync(file, source);
    expect((await run(process.execPath, [file], { env })).stdout).toBe('works\n');
  });

  it.each([
    [['use.mts', 'use.cts'], 'node16'],
    [['use-bundler.ts'], 'bundler'],
  ])('has declarations that %s resolve (%s)', async (names, resolution) => {
    const files = names.map((name) => {
      const file = join(project, name);
      writeFileSync(
        file,
        `import { createPharos, type Pharos, type HealthReport } from '@pharos/node';
       import { metricsMiddleware } from '@pharos/node/metrics-middleware';
       import express = require('express');`.replace(name === 'use.cts' ? /^$/ : /\n.*require.*/, '') +
          `
       const pharos: Pharos = createPharos({ service: 'typed' });
       export const report: Promise<HealthReport> = pharos.health.report();
       export const middleware: (request: never, response: never, next: () => void) => void = metricsMiddleware('typed');
       // @ts-expect-error -- the service is required
       createPharos({});
       ${name === 'use.cts' ? 'express().use(pharos.middleware(), pharos.errorMiddleware());' : ''}
      `,
      );
      return file;
    });
    const module = resolution === 'bundler' ? 'preserve' : 'node16';
    const options = [
      '--ignoreConfig',
      '--checkers',
      '1',
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      'false',
      '--target',
      'es2023',
      '--types',
      'node',
      '--module',
      module,
      '--moduleResolution',
      resolution,
    ];
    await run(bin('tsc'), [...options, ...files], { env, cwd: project }).catch(
      (error: { stdout?: string }) => {
        throw new Error(error.stdout ?? String(error));
      },
    );
  });
});
