import { RowBinaryReader, RowBinaryWriter, schemaVersionOf } from '../../engine/index.ts';
import type { Frame } from '../../journal/index.ts';
import { type Decision, type Outcome, outcomeOf } from './decision.ts';
import { alertDecisions } from './table.ts';

/** A decision with the number that keeps those of one instant in order. */
export interface NumberedDecision extends Decision {
  readonly seq: number;
}

const DAY_MS = 86_400_000;

/** One frame per day. */
export function decisionFrames(tenant: string, decisions: readonly NumberedDecision[]): readonly Frame[] {
  const days = new Map<number, NumberedDecision[]>();
  for (const decision of decisions) {
    const day = Math.floor(decision.at / DAY_MS);
    const of = days.get(day);
    if (of === undefined) days.set(day, [decision]);
    else of.push(decision);
  }
  return Array.from(days, ([day, of]) => {
    const writer = new RowBinaryWriter(4096);
    for (const decision of of) writeRow(writer, tenant, decision);
    const { rows, payload } = writer.take();
    return {
      table: alertDecisions.name,
      schemaVersion: schemaVersionOf(alertDecisions),
      tenant,
      day,
      rows,
      payload,
    };
  });
}

function writeRow(writer: RowBinaryWriter, tenant: string, decision: NumberedDecision): void {
  writer.string(tenant);
  writer.string(decision.fingerprint);
  writer.dateTime64(decision.at);
  writer.int64(decision.seq);
  writer.string(decision.outcome);
  for (const text of [
    decision.route,
    decision.group,
    decision.receiver,
    decision.integration,
    decision.reason,
  ])
    writer.string(text);
  writer.varUint(decision.by.length);
  for (const one of decision.by) writer.string(one);
  writer.uint32(decision.attempts ?? 0);
  writer.uint8(decision.mayBeDuplicate === true ? 1 : 0);
  writer.string(decision.title ?? '');
  writer.endRow();
}

/** What is known of a delivery, where anything is. */
export function deliveryFacts(
  attempts: number,
  mayBeDuplicate: boolean,
  title: string,
): Pick<Decision, 'attempts' | 'mayBeDuplicate' | 'title'> {
  return {
    ...(attempts > 0 && { attempts }),
    ...(mayBeDuplicate && { mayBeDuplicate }),
    ...(title !== '' && { title }),
  };
}

/** The rows that {@link decisionFrames} wrote, or an older version did. */
export function decisionsOfFrame(
  frame: Pick<Frame, 'payload' | 'rows' | 'schemaVersion'>,
): readonly NumberedDecision[] {
  const reader = new RowBinaryReader(frame.payload);
  return Array.from({ length: frame.rows }, () => {
    reader.skipString();
    const fingerprint = reader.string();
    const at = reader.dateTime64();
    const seq = reader.int64();
    const outcome: Outcome = outcomeOf(reader.string());
    const [route, group, receiver] = [reader.string(), reader.string(), reader.string()];
    const [integration, reason] = [reader.string(), reader.string()];
    const by = Array.from({ length: reader.varUint() }, () => reader.string());
    const attempts = frame.schemaVersion >= 2 ? reader.uint32() : 0;
    const mayBeDuplicate = frame.schemaVersion >= 2 && reader.raw(1)[0] === 1;
    const facts = deliveryFacts(attempts, mayBeDuplicate, frame.schemaVersion >= 3 ? reader.string() : '');
    return { seq, at, outcome, fingerprint, route, group, receiver, integration, reason, by, ...facts };
  });
}
