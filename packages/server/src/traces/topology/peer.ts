import type { NodeType } from './edge.ts';

/** What a call goes to when the other side sends no spans. */
export interface Peer {
  readonly type: NodeType;
  readonly name: string;
}

const DATABASE = ['db.system.name', 'db.system'];
const NAMESPACE = ['db.namespace', 'db.name'];
const SERVER = ['server.address', 'net.peer.name', 'peer.address', 'http.host'];
const MOST_CHARACTERS = 200;

/** The attributes a peer is read from: OpenTelemetry's semantic conventions, the stable names before those they replaced. */
export const PEER_ATTRIBUTES: readonly string[] = [
  ...DATABASE,
  ...NAMESPACE,
  ...SERVER,
  'messaging.system',
  'peer.service',
];

/** The peer of a client or producer span by its attributes; null when they do not say. */
export function peerOf(attributes: ReadonlyMap<string, string>): Peer | null {
  const first = (keys: readonly string[]): string => {
    for (const key of keys) {
      const value = attributes.get(key);
      if (value !== undefined && value !== '') return value.slice(0, MOST_CHARACTERS);
    }
    return '';
  };
  const database = first(DATABASE);
  if (database !== '') {
    const which = first([...NAMESPACE, ...SERVER]);
    return { type: 'database', name: which === '' ? database : `${database}/${which}` };
  }
  const messaging = first(['messaging.system']);
  if (messaging !== '') return { type: 'messaging', name: messaging };
  const external = first(['peer.service', ...SERVER]);
  return external === '' ? null : { type: 'external', name: external };
}
