import { expect, it } from 'vitest';
import { asciiSource } from './ascii.mjs';

/** What a module's expression is worth. */
async function valueOf(source: string): Promise<unknown> {
  const url = `data:text/javascript,${encodeURIComponent(source)}`;
  const module: unknown = await import(/* @vite-ignore */ url);
  return typeof module === 'object' && module !== null ? Reflect.get(module, 'default') : undefined;
}

it('escapes what means the same escaped: comments, names, texts, regular expressions', async () => {
  const source = `
    // Größe
    const größe = { ü: 1 };
    export default [größe.ü, 'ä', \`ö\${1}\`, /^[µ-ÿ😀]+$/u.test('ÿ😀'), /😀/.source.length, String.raw\`\${'é'}\\n\`];
  `;
  const ascii = asciiSource('x.js', source);
  expect(ascii).toMatch(/^[ -~\s]*$/);
  expect(ascii).not.toBe(source);
  const [name, text, template, matches, , raw] = [1, 'ä', 'ö1', true, 0, 'é\\n'];
  expect(await valueOf(ascii)).toEqual([name, text, template, matches, expect.any(Number), raw]);
  expect(asciiSource('x.js', 'const a = String.raw`\\u00e9`;')).toBe('const a = String.raw`\\u00e9`;');
});

it.each([
  ['const a = String.raw`é`;', '1:21'],
  ['const b = 1;\nconst a = tag`x${b}y${String.raw`a` + tag`ü`}`;', '2:42'],
  ['x.y(1)`a${1}µ`', '1:12'],
])('refuses %s', (source, place) => {
  expect(() => asciiSource('dist/main.js', source)).toThrow(`dist/main.js:${place}: a tagged template`);
});
