import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { shopProcesses } from './processes.ts';
import { loadConfig } from './shared/config.ts';

it('gives six processes the same secrets, and each its own ports', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'shop-'));
  const processes = shopProcesses({ distDir: '/d', dataDir, env: { AUTH_PORT: '9001' } });
  expect(
    processes.map(({ name, entry, port, metricsPort, controlPort }) => [
      name,
      entry,
      port,
      metricsPort,
      controlPort,
    ]),
  ).toEqual([
    ['auth', '/d/auth.js', 9001, 8002, 8101],
    ['order', '/d/order.js', 8003, 8004, 8103],
    ['catalog', '/d/catalog.js', 8005, 8006, 8105],
    ['user', '/d/user.js', 8007, 8008, 8107],
    ['gateway', '/d/gateway.js', 8080, 8081, 8180],
    ['controller', '/d/controller.js', 8009, null, null],
  ]);
  const secrets = processes.map(({ name, env }) => loadConfig(name, env).jwtSecret);
  expect(new Set(secrets).size).toBe(1);
  for (const { name, env, port, metricsPort, controlPort } of processes) {
    expect(loadConfig(name, env)).toMatchObject({ port, metricsPort, controlPort });
  }
  rmSync(dataDir, { recursive: true });
});
