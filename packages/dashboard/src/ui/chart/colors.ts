/** Eight colours that stay apart for colour-blind readers, as roles of theme.css. */
const SLOTS = 8;

/** Names whose colour has a meaning of its own. */
const FIXED: Readonly<Record<string, number>> = {
  p50: 0,
  p95: 1,
  p99: 7,
  requests: 0,
  failed: 6,
  CPU: 5,
  memory: 7,
  'event-loop lag': 2,
};

function hash(text: string): number {
  let value = 2_166_136_261;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 16_777_619);
  }
  return (value >>> 0) % SLOTS;
}

const known = new Map<string, number>();

/**
 * A colour per name: the same name keeps its colour on every page. Within one chart colours differ as long as there are
 * enough, so a name that meets its own colour taken moves on to the next free one.
 */
export function colorSlots(names: readonly string[]): number[] {
  const taken = new Set<number>();
  const slots = new Map<string, number>();
  const place = (name: string, wanted: number): void => {
    let slot = wanted;
    for (let tries = 0; tries < SLOTS && taken.has(slot); tries++) slot = (slot + 1) % SLOTS;
    taken.add(slot);
    slots.set(name, slot);
  };
  for (const name of names) {
    const slot = FIXED[name] ?? known.get(name);
    if (slot !== undefined) place(name, slot);
  }
  for (const name of names.toSorted()) {
    if (slots.has(name)) continue;
    place(name, hash(name));
    if (known.size < 5000) known.set(name, slots.get(name) ?? 0);
  }
  return names.map((name) => slots.get(name) ?? 0);
}

/** The CSS colour of a slot. */
export function slotColor(slot: number): string {
  return `var(--s${slot + 1})`;
}
