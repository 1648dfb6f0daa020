/** For text and attributes of HTML, SVG and XML; what XML cannot hold at all is left out. */
export function escapeMarkup(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

export interface PlainDocument {
  /** As people read it; it is escaped here. */
  readonly title: string;
  /** CSS. */
  readonly style: string;
  /** Elements that stand in the head besides, as HTML. */
  readonly head?: string;
  /** What stands in `main`, as HTML. */
  readonly body: readonly string[];
}

/** A page that needs nothing else: one document without a script, in the reader's theme, for any phone. */
export function plainDocument({ title, style, head = '', body }: PlainDocument): string {
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta name="color-scheme" content="dark light">${head}`,
    `<title>${escapeMarkup(title)}</title><style>${style}</style></head><body><main>`,
    ...body,
    '</main></body></html>',
  ].join('');
}
