import { describe, expect, it } from 'vitest';
import { escapeMarkup, plainDocument } from './html.ts';

describe('a page without a script', () => {
  it('shows any text as text', () => {
    expect(escapeMarkup(`<a href="x">it's & so</a>`)).toBe(
      '&lt;a href=&quot;x&quot;&gt;it&#39;s &amp; so&lt;/a&gt;',
    );
    expect(escapeMarkup('a\u0000b\ud800c\n😀')).toBe('abc\n😀');
  });

  it('is one document, its title escaped', () => {
    const page = plainDocument({
      title: '<b>',
      style: 'p{}',
      head: '<meta name="x">',
      body: ['<p>', '</p>'],
    });
    expect(page).toMatch(/^<!doctype html><html lang="en"><head>/);
    expect(page).toContain('<meta name="x"><title>&lt;b&gt;</title><style>p{}</style></head>');
    expect(page).toContain('<body><main><p></p></main></body></html>');
  });
});
