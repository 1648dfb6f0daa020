import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMarkdown } from './markdown.ts';

describe('markdown', () => {
  it('reads headings, lists, code, emphasis and links', () => {
    const blocks = readMarkdown(
      '# Top\nSee the [docs](https://example.org) and **this** `x`.\n\n- a\n- b\n\n```\nlet x\n```',
    );
    expect(blocks.map(({ kind }) => kind)).toEqual(['heading', 'paragraph', 'list', 'code']);
    expect(blocks[1]).toMatchObject({
      inline: [
        {},
        { kind: 'link', href: 'https://example.org' },
        {},
        { kind: 'strong' },
        {},
        { kind: 'code' },
        {},
      ],
    });
  });

  it('makes no link that could run code, and no HTML', () => {
    const text = JSON.stringify(readMarkdown('[x](javascript:alert(1)) [y](//evil) <b>z</b>'));
    expect(text).not.toContain('"link"');
    expect(text).toContain('<b>z</b>');
  });

  it('loses no word of any text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b ', '\n', '\n\n', '- ', '# ', '*', '**', '`', '[a](b)', '```\n')),
        (parts) => Array.isArray(readMarkdown(parts.join(''))),
      ),
    );
  });
});
