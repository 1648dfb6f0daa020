import { encodeQuery } from '@pharos/gotemplate';
import type { Rule } from './definition.ts';
import { tableLink } from './template/functions.ts';

/** How every such link begins. */
export const SOURCE_PAGES = ['/graph?g0.expr=', '/logs?q='];

/** The page below the external URL where what a rule asks can be looked at: where its alerts say they come from. */
export function sourceLink({ query, parsed }: Pick<Rule, 'query' | 'parsed'>): string {
  return parsed.language === 'logql' ? `/logs?q=${encodeQuery(query)}` : tableLink(query);
}
