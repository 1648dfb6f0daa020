import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const DIST = fileURLToPath(new URL('../../shop/dist', import.meta.url));

it('names the functions of the shop in stack traces as its sources do, also those that meet in one bundle', () => {
  const bundles = readdirSync(DIST).filter((file) => file.endsWith('.js'));
  expect(bundles).toContain('gateway.js');
  const renamed = bundles.flatMap((file) => {
    const code = readFileSync(join(DIST, file), 'utf8');
    // The bundler puts a number behind a name that another module has already.
    const names = [...code.matchAll(/function ([A-Za-z]+)(\d+)\(/g)];
    return names
      .filter(([, name]) => code.includes(`function ${name}(`))
      .map(([, name, number]) => ({ file, name: `${name}${number}`, says: `,"${name}")` }))
      .filter(({ name, says }) => !code.includes(`__name(${name}${says}`));
  });
  expect(renamed).toEqual([]);
});
