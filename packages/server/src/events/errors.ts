import { defineErrors } from '../kernel/errors.ts';

/** What the events slice refuses. */
export const eventsErrors = defineErrors('events', {
  badEvent: { kind: 'bad_request' },
  badBatch: { kind: 'bad_request' },
  badParameter: { kind: 'bad_request' },
  badExpression: {
    kind: 'bad_request',
    hint: 'An expression compares fields, such as data.latency > 500 and source == "checkout"; docs/events.md has all of it.',
  },
  badRule: { kind: 'bad_request' },
  tooComplex: { kind: 'unprocessable' },
  unknownEvent: { kind: 'not_found' },
  unknownRule: { kind: 'not_found' },
  fixedRule: {
    kind: 'conflict',
    hint: 'Rules of the configuration file are changed there; built-in ones by events.limits.',
  },
  ruleExists: { kind: 'conflict' },
  ruleConflict: { kind: 'conflict', hint: 'Read the rule again and make the change on what it is now.' },
  tooManyRules: { kind: 'too_many', hint: 'Remove rules that are done with.' },
  unknownArchive: { kind: 'not_found' },
  badArchive: { kind: 'unprocessable' },
  running: { kind: 'conflict', hint: 'Wait until the one that runs has ended.' },
  busy: {
    kind: 'unavailable',
    hint: 'Events wait for the engine; send them again, or raise events.pending_memory.',
  },
  unavailable: { kind: 'unavailable' },
});
