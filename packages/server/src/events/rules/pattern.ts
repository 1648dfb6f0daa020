import type { Rule } from './types.ts';

/** Events a source and type must have sent before a new shape says anything. */
const LEAST_EVENTS = 100;
/** A source with more shapes than this sends whatever it likes. */
const MOST_SHAPES = 8;

/** An event without a field that its source always sends, with a new one, or with one of another kind. */
export const patternRule: Rule = {
  name: 'pattern',
  about: 'An event has other fields than all events of its source and type before.',
  check({ eventType }, baseline, findings) {
    const { shapeEvents, shapeSeen, shapeKinds, shapeDiffers } = baseline;
    if (shapeEvents < LEAST_EVENTS || shapeSeen > 0 || shapeKinds > MOST_SHAPES || shapeDiffers === '')
      return;
    findings.push({
      rule: 'pattern',
      weight: 'caution',
      decision: 'CONTINUE',
      field: 'data',
      value: shapeDiffers,
      limit: 'the fields of the events before',
      message: `${eventType} is unlike the ${shapeEvents} events before: ${shapeDiffers}`,
      suggestion: 'Check whether the sender changed what it sends.',
    });
  },
};
