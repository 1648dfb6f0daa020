import { GoObject, show, type Value } from '@pharos/gotemplate';
import { SAFE_HTML, SAFE_URL } from './functions.ts';

/** An attribute that holds an address, open at the end of a text, with what it begins with so far. */
const OPEN_ADDRESS =
  /<[^<>]*\s(?:href|src|action|formaction|background|cite|poster)\s*=\s*(?:"([^"]*)|'([^']*)|([^\s"'>]*))$/i;
/** What Go puts in the place of an address that could run something. */
const NO_ADDRESS = '#ZgotmplZ';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
  '`': '&#96;',
};

/**
 * What an action shows in HTML: it cannot leave the text or the quoted attribute it stands in, and an address is one of the web or of
 * mail. Scripts and styles have other rules, which this does not know.
 */
export function renderHtml(value: Value, before: string): string {
  const type = value instanceof GoObject ? value.type : '';
  const text = show(value);
  if (type === SAFE_HTML) return text;
  const address = OPEN_ADDRESS.exec(before);
  const begun = address === null ? null : (address[1] ?? address[2] ?? address[3] ?? '').trim();
  if (begun === '' && type !== SAFE_URL && !isHarmless(text)) return NO_ADDRESS;
  return text.replace(/[&<>"'`]/g, (char) => ENTITIES[char] ?? char);
}

/** Relative, or of a scheme that runs nothing. */
function isHarmless(address: string): boolean {
  const scheme = /^([^/?#]*?):/.exec(address)?.[1]?.trim().toLowerCase();
  return scheme === undefined || scheme === 'http' || scheme === 'https' || scheme === 'mailto';
}
