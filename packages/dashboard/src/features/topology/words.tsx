import { formatValue } from '../../ui/format.ts';
import { IconCloud, IconDatabase, IconInbox, IconStack2 } from '../../ui/icons.ts';
import type { NodeType } from './contracts.ts';
import type { MapCall, MapNode } from './model.ts';

const TYPES = {
  service: { Icon: IconStack2, word: 'service' },
  database: { Icon: IconDatabase, word: 'database' },
  messaging: { Icon: IconInbox, word: 'queue' },
  external: { Icon: IconCloud, word: 'outside' },
} as const satisfies Record<NodeType, unknown>;

export function typeWord(type: NodeType): string {
  return TYPES[type].word;
}

export function NodeIcon({ type, size }: { readonly type: NodeType; readonly size: number }) {
  const { Icon } = TYPES[type];
  return <Icon size={size} stroke={1.75} aria-hidden />;
}

/** `sqlite/order` of `database:sqlite/order`. */
export function nameOf(id: string): string {
  return id.replace(/^(?:database|messaging|external):/, '');
}

/** `order` of the database `sqlite/order`, where there is room for no more. */
export function shortName(name: string, type: NodeType): string {
  return type === 'database' ? name.slice(name.indexOf('/') + 1) : name;
}

function figureWords({
  figures: { calls, rate, error_ratio: failed, p95 },
}: Pick<MapNode, 'figures'>): string {
  if (calls === 0) return 'no calls';
  return `${formatValue(rate, 'rate')}, ${formatValue(failed, 'ratio')} failed, p95 ${formatValue(p95, 'seconds')}`;
}

const PRESENCE = { both: '', new: ', new', gone: ', gone' } as const;

/** All that a box says, for those who cannot see it. */
export function nodeWords(node: MapNode): string {
  return `${node.name}, ${typeWord(node.type)}, ${node.status}${PRESENCE[node.presence]}: ${figureWords(node)}`;
}

export function callWords(call: MapCall): string {
  return `${nameOf(call.source)} calls ${nameOf(call.target)}${PRESENCE[call.presence]}: ${figureWords(call)}`;
}
