/** A little of Markdown as a tree, never as HTML: what a dashboard's text says can only become these elements. */
export type Inline =
  | { readonly kind: 'text' | 'code' | 'strong' | 'em'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string };
export type Block =
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly inline: readonly Inline[] }
  | { readonly kind: 'paragraph'; readonly inline: readonly Inline[] }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly (readonly Inline[])[] }
  | { readonly kind: 'code'; readonly text: string };

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]*)\]\(([^)\s]*)\)/;

/** Addresses that are neither http(s) nor a path stay text. */
function readInline(text: string): readonly Inline[] {
  const found: Inline[] = [];
  let rest = text;
  for (let match = INLINE.exec(rest); match !== null; match = INLINE.exec(rest)) {
    if (match.index > 0) found.push({ kind: 'text', text: rest.slice(0, match.index) });
    const [whole, code, strong, em, label, href] = match;
    if (code !== undefined) found.push({ kind: 'code', text: code });
    else if (strong !== undefined) found.push({ kind: 'strong', text: strong });
    else if (em !== undefined) found.push({ kind: 'em', text: em });
    else if (href !== undefined && /^(https?:\/\/|\/(?!\/)|#)/i.test(href))
      found.push({ kind: 'link', text: label || href, href });
    else found.push({ kind: 'text', text: whole });
    rest = rest.slice(match.index + whole.length);
  }
  if (rest !== '') found.push({ kind: 'text', text: rest });
  return found;
}

export function readMarkdown(source: string): readonly Block[] {
  const blocks: Block[] = [];
  const parts = source.split(/^```.*$/m);
  parts.forEach((part, index) => {
    if (index % 2 === 1) {
      blocks.push({ kind: 'code', text: part.replace(/^\n|\n$/g, '') });
      return;
    }
    for (const paragraph of part.split(/\n\s*\n|\n(?=#{1,6} )|(?<=^#{1,6} .*)\n/m))
      blocks.push(...readBlock(paragraph.trim()));
  });
  return blocks;
}

function readBlock(text: string): Block[] {
  if (text === '') return [];
  const heading = /^(#{1,6})\s+(.*)$/.exec(text);
  if (heading !== null) {
    const level = Math.min(3, heading[1]?.length ?? 1);
    return [
      { kind: 'heading', level: level === 1 ? 1 : level === 2 ? 2 : 3, inline: readInline(heading[2] ?? '') },
    ];
  }
  const lines = text.split('\n').map((line) => line.trim());
  const item = /^([-*+]|\d+[.)])\s+/;
  if (lines.every((line) => item.test(line))) {
    return [
      {
        kind: 'list',
        ordered: /^\d/.test(text),
        items: lines.map((line) => readInline(line.replace(item, ''))),
      },
    ];
  }
  return [{ kind: 'paragraph', inline: readInline(lines.join(' ')) }];
}
